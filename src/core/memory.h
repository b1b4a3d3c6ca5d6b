#pragma once

#include <cstdint>

namespace winnow {

/// Memory that is this process's own and resident now, in bytes (RssAnon): without the pages of mapped files, which
/// the kernel takes back when others need room. 0 where the kernel does not say.
uint64_t private_memory_bytes();

/// The most private memory seen above what there was at the start. Not thread-safe.
class MemoryWatch {
 public:
  MemoryWatch();
  /// Looks, at most every 20 ms so that it may be called often.
  void look();
  /// Looks once more. @return the growth in bytes
  uint64_t growth();

 private:
  void take();
  uint64_t start_, most_;
  int64_t looked_ = 0;  ///< steady clock, nanoseconds
};

}  // namespace winnow
