#include "src/core/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "src/core/error.h"
#include "src/core/text.h"

namespace winnow {
namespace {

constexpr size_t kChunk = size_t{1} << 20;

[[noreturn]] void throw_errno(ErrorCode code, const char* what, const fs::path& path, int error) {
  throw Error(code, std::string("[files] cannot ") + what + " " + path.string() + ": " + std::strerror(error));
}

/// Closes a descriptor whatever happens.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

int open_to_read(const fs::path& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    throw_errno(errno == ENOENT || errno == ENOTDIR ? ErrorCode::kNotFound : ErrorCode::kData, "open", file, errno);
  return fd;
}

size_t read_some(int fd, char* into, size_t bytes, const fs::path& file) {
  while (true) {
    const ssize_t got = ::read(fd, into, bytes);
    if (got >= 0) return static_cast<size_t>(got);
    if (errno != EINTR) throw_errno(ErrorCode::kData, "read", file, errno);
  }
}

}  // namespace

std::string sha256_file(const fs::path& file) {
  const Descriptor fd(open_to_read(file));
  std::vector<char> chunk(kChunk);
  Sha256 digest;
  while (const size_t got = read_some(fd.get(), chunk.data(), chunk.size(), file)) digest.update(chunk.data(), got);
  return digest.hex();
}

std::string read_file(const fs::path& file, uint64_t max_bytes) {
  const Descriptor fd(open_to_read(file));
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) throw_errno(ErrorCode::kData, "read", file, errno);
  const auto too_large = [&](const std::string& size) {
    return Error(ErrorCode::kData,
                 "[files] " + file.string() + " may have at most " + format_bytes(max_bytes) + ", it has " + size);
  };
  const auto size = static_cast<uint64_t>(info.st_size);
  if (S_ISREG(info.st_mode) && size > max_bytes) throw too_large(format_bytes(size));
  std::string text;
  // One byte more than a regular file has, so that its end is seen without growing; pipes grow by chunks.
  text.resize(S_ISREG(info.st_mode) ? size + 1 : kChunk);
  size_t filled = 0;
  while (const size_t got = read_some(fd.get(), text.data() + filled, text.size() - filled, file)) {
    filled += got;
    if (filled > max_bytes) throw too_large("more");
    if (filled == text.size()) text.resize(text.size() + std::max(kChunk, text.size() / 2));
  }
  text.resize(filled);
  return text;
}

void sync_folder(const fs::path& folder) {
  const fs::path name = folder.empty() ? fs::path(".") : folder;
  const Descriptor fd(::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0) throw_errno(ErrorCode::kDevice, "open folder", name, errno);
  // Some network file systems cannot fsync a folder and say EINVAL.
  if (::fsync(fd.get()) != 0 && errno != EINVAL) throw_errno(ErrorCode::kDevice, "sync folder", name, errno);
}

void sync_file(const fs::path& file) {
  const Descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) throw_errno(ErrorCode::kDevice, "open", file, errno);
  if (::fsync(fd.get()) != 0) throw_errno(ErrorCode::kDevice, "sync", file, errno);
}

std::string absolute_path(const std::string& path) {
  return path.empty() ? path : fs::absolute(path).lexically_normal().string();
}

void make_folder(const fs::path& folder) {
  if (folder.empty()) return;
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error && !fs::is_directory(folder, error)) error = std::make_error_code(std::errc::not_a_directory);
  if (error) throw Error(ErrorCode::kDevice, "[files] cannot make folder " + folder.string() + ": " + error.message());
}

MappedFile::MappedFile(const fs::path& file) {
  const Descriptor fd(open_to_read(file));
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) throw_errno(ErrorCode::kData, "map", file, errno);
  if (!S_ISREG(info.st_mode)) throw Error(ErrorCode::kData, "[files] " + file.string() + " must be a regular file");
  size_ = static_cast<size_t>(info.st_size);
  if (size_ == 0) return;
  void* data = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (data == MAP_FAILED) throw_errno(ErrorCode::kData, "map", file, errno);
  data_ = data;
}

MappedFile::~MappedFile() {
  if (data_) ::munmap(data_, size_);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

FolderLock::FolderLock(const fs::path& folder) {
  const fs::path file = folder / ".lock";
  fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd_ < 0) throw_errno(errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kDevice, "lock", file, errno);
  if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) return;
  const int error = errno;
  ::close(fd_);
  fd_ = -1;
  if (error == EWOULDBLOCK)
    throw Error(ErrorCode::kDevice,
                "[files] another winnow process is writing to " + folder.string() + "; wait for it to end or stop it");
  throw_errno(ErrorCode::kDevice, "lock", file, error);
}

// The lock file stays: removing it would let two processes lock two different files of the same name.
FolderLock::~FolderLock() {
  if (fd_ >= 0) ::close(fd_);
}

uint64_t free_disk_bytes(const fs::path& folder) {
  std::error_code ignored;
  fs::path existing = fs::absolute(folder, ignored);
  while (!fs::exists(existing, ignored) && existing.has_relative_path()) existing = existing.parent_path();
  struct statvfs info {};
  if (::statvfs(existing.c_str(), &info) != 0) throw_errno(ErrorCode::kDevice, "measure the disk of", existing, errno);
  return static_cast<uint64_t>(info.f_bavail) * info.f_frsize;
}

}  // namespace winnow
