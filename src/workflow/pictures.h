#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "data/dataset.h"
#include "src/image/image.h"

namespace winnow {

/// One-line JSON of where a data set's pictures are (absolute paths), stored in embeddings and index cards so that
/// reports and `query` can show pictures later.
std::string source_to_text(const DataSource& source);
/// Inverse. @throws Error(kData) when the text is not of that form
DataSource source_from_text(const std::string& text);

/// Finds pictures of cards again. Pictures only ever come from the recorded source. Thread-safe.
class PictureFinder {
 public:
  /// @param text  card's `data` field; an empty or outdated one makes every look-up fail softly
  explicit PictureFinder(std::string text);
  /// "data:image/jpeg;base64,..." of at most `side` pixels; "" when the picture is no longer there or unreadable.
  std::string thumbnail(const std::string& path, int side) const;
  /// @throws Error(kNotFound | kData)
  Image picture(const std::string& path) const;

 private:
  std::string text_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<ImageStore> store_;
  mutable bool tried_ = false;
  std::shared_ptr<ImageStore> store() const;
};

}  // namespace winnow
