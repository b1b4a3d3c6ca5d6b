#include "src/core/scratch_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include "src/core/error.h"
#include "src/core/text.h"

namespace winnow {

ScratchFile::ScratchFile(const fs::path& folder, const std::string& name, uint64_t bytes) {
  const char* chosen = std::getenv("TMPDIR");
  const fs::path elsewhere = chosen && *chosen ? chosen : "/var/tmp";
  if (!open_in(folder, name) && !open_in(elsewhere, name)) {
    const int error = errno;
    throw Error(ErrorCode::kDevice, "[scratch] a folder that can be written is required, neither " + folder.string() +
                                        " nor " + elsewhere.string() + " can (set TMPDIR): " + std::strerror(error));
  }
  const uint64_t free = free_disk_bytes(folder_);
  if (free >= bytes) return;
  ::close(fd_);
  throw Error(ErrorCode::kDevice, "[scratch] " + format_bytes(bytes) + " of disk are required in " + folder_.string() +
                                      ", " + format_bytes(free) + " are free");
}

ScratchFile::~ScratchFile() {
  if (data_) ::munmap(data_, size_);
  if (fd_ >= 0) ::close(fd_);
}

bool ScratchFile::open_in(const fs::path& folder, const std::string& name) {
  std::string path = (folder / (name + "XXXXXX")).string();
  fd_ = ::mkostemp(path.data(), O_CLOEXEC);
  if (fd_ < 0) return false;
  ::unlink(path.c_str());
  folder_ = folder;
  return true;
}

void ScratchFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) fail("write", errno);
    size_ += static_cast<uint64_t>(n);
    bytes = bytes.subspan(static_cast<size_t>(n));
  }
}

std::span<const std::byte> ScratchFile::map() {
  if (!data_ && size_ > 0) {
    void* data = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd_, 0);
    if (data == MAP_FAILED) fail("map", errno);
    data_ = data;
  }
  return {static_cast<const std::byte*>(data_), static_cast<size_t>(size_)};
}

void ScratchFile::fail(const char* what, int error) const {
  throw Error(ErrorCode::kDevice, std::string("[scratch] cannot ") + what + " a scratch file in " + folder_.string() +
                                      ": " + std::strerror(error));
}

}  // namespace winnow
