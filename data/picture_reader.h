#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "data/loader.h"

namespace winnow {

/// Decodes the pictures of a data set, with an optional cache of the decoded ones. Thread-safe. The cache takes
/// pictures until its bound is reached and then no more: with a random order, evicting one to keep another gains
/// nothing.
class PictureReader {
 public:
  PictureReader(const Dataset& dataset, const LoaderOptions& options);

  /// @throws Error(kNotFound | kData)
  std::shared_ptr<const Image> read(int64_t position);
  uint64_t cached_bytes() const { return used_.load(); }

 private:
  std::shared_ptr<const Image> decode(const Item& item) const;
  void keep(int64_t position, const std::shared_ptr<const Image>& image);

  const Dataset& dataset_;
  DecodeOptions whole_, reduced_;
  uint64_t limit_ = 0;
  std::atomic<uint64_t> used_{0};
  std::mutex mutex_;
  std::vector<std::shared_ptr<const Image>> cache_;
};

}  // namespace winnow
