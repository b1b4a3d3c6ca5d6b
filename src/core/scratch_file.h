#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "src/core/files.h"

namespace winnow {

/// A file without a name that is written once, front to back, and then read as a memory map: room for what is larger
/// than memory. It is gone with the object, also after a crash. Not thread-safe while it is written.
class ScratchFile {
 public:
  /// Room in `folder`, or, where that cannot be written, in $TMPDIR or /var/tmp (on disk, unlike many a /tmp).
  /// @param name  how the file begins for the instant that it has a name, such as ".vectors.npy.tmp."
  /// @throws Error(kDevice) when no folder can be written or `bytes` do not fit
  ScratchFile(const fs::path& folder, const std::string& name, uint64_t bytes);
  ~ScratchFile();
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  /// @throws Error(kDevice) with the folder and errno's text
  void write(std::span<const std::byte> bytes);
  /// All that was written, mapped read-only; writing is over. Aligned to a page.
  std::span<const std::byte> map();
  const fs::path& folder() const { return folder_; }

 private:
  bool open_in(const fs::path& folder, const std::string& name);
  [[noreturn]] void fail(const char* what, int error) const;
  fs::path folder_;
  int fd_ = -1;
  uint64_t size_ = 0;
  void* data_ = nullptr;
};

}  // namespace winnow
