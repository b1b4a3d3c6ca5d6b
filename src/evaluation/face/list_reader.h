#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/core/error.h"
#include "src/core/shown.h"
#include "src/core/text.h"
#include "src/evaluation/face/pair_files.h"

namespace winnow {

/// A line of a text list, cut into fields.
struct TextLine {
  std::shared_ptr<const std::string> source;
  int64_t number = 0;  ///< 1-based
  std::vector<std::string> fields;
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorCode::kData, "[list] " + *source + ":" + std::to_string(number) + ": " + shown(what, 300));
  }
};

/// The non-empty lines (LF or CRLF). Fields are cut at `separator`; '\0' = at tabs, or at spaces in a line without tab.
/// @throws Error(kData) for a NUL byte (a binary file)
std::vector<TextLine> text_lines(std::string_view text, const std::string& source, char separator = '\0');

/// Gathers pictures and people by first use.
class PairListBuilder {
 public:
  PairListBuilder(const std::string& source, std::string_view bytes) {
    list.source = source;
    list.digest = sha256_hex(bytes);
  }
  int64_t image(const std::string& path, const std::string& person);
  FacePairList list;

 private:
  std::unordered_map<std::string, int64_t> images_;
  std::unordered_map<std::string, int32_t> people_;
};

/// "Name_Of" from ".../Name_Of_0003.jpg"; "" when there is no number.
std::string picture_person(const std::string& path);

}  // namespace winnow
