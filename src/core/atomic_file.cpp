#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include "src/core/error.h"
#include "src/core/files.h"

namespace winnow {
namespace {

constexpr size_t kBuffer = size_t{1} << 20;

fs::path temporary_name(const fs::path& target) {
  static std::atomic<uint64_t> counter{0};
  const std::string suffix = ".tmp." + std::to_string(::getpid()) + "." + std::to_string(counter++);
  return target.parent_path() / ("." + target.filename().string() + suffix);
}

}  // namespace

AtomicFile::AtomicFile(fs::path target) : target_(std::move(target)) {
  std::error_code ignored;
  const auto status = fs::status(target_, ignored);
  // The rename would replace a device node by a file, and fails only at the end for a folder.
  if (!target_.has_filename() || (fs::exists(status) && !fs::is_regular_file(status)))
    throw Error(ErrorCode::kUsage, "[files] the output must be a regular file, '" + target_.string() + "' is " +
                                       (fs::is_directory(status) ? "a folder" : "not one"));
  temporary_ = temporary_name(target_);
  fd_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd_ < 0) fail("write", errno);
}

AtomicFile::~AtomicFile() {
  if (committed_) return;
  close_file();
  ::unlink(temporary_.c_str());
}

void AtomicFile::close_file() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

void AtomicFile::fail(const char* what, int error) {
  const bool opened = fd_ >= 0 || external_;
  close_file();
  if (opened) ::unlink(temporary_.c_str());
  throw Error(ErrorCode::kDevice,
              std::string("[files] cannot ") + what + " " + target_.string() + ": " + std::strerror(error));
}

void AtomicFile::put(const char* data, size_t bytes) {
  while (bytes > 0) {
    const ssize_t done = ::write(fd_, data, bytes);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) fail("write", done == 0 ? EIO : errno);
    data += done;
    bytes -= static_cast<size_t>(done);
  }
}

void AtomicFile::flush() {
  put(buffer_.data(), buffer_.size());
  buffer_.clear();
}

void AtomicFile::write(const void* data, size_t bytes) {
  if (fd_ < 0) throw Error(ErrorCode::kInternal, "[files] write after a failed write or commit: " + target_.string());
  digest_.update(data, bytes);
  bytes_ += bytes;
  const auto* p = static_cast<const char*>(data);
  if (buffer_.size() + bytes > kBuffer) flush();
  if (bytes >= kBuffer) return put(p, bytes);
  if (buffer_.capacity() == 0 && bytes_ > 4096) buffer_.reserve(kBuffer);
  buffer_.insert(buffer_.end(), p, p + bytes);
}

std::string AtomicFile::commit() {
  if (fd_ < 0) throw Error(ErrorCode::kInternal, "[files] commit after a failed write or commit: " + target_.string());
  flush();
  std::string digest;
  if (external_) {
    // The library may have replaced the file of this name, so our descriptor proves nothing.
    close_file();
    sync_file(temporary_);
    digest = sha256_file(temporary_);
    bytes_ = fs::file_size(temporary_);
  } else {
    if (::fsync(fd_) != 0) fail("sync", errno);
    const int fd = std::exchange(fd_, -1);
    if (::close(fd) != 0) fail("close", errno);
    digest = digest_.hex();
  }
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail("rename", errno);
  committed_ = true;
  sync_folder(target_.parent_path());
  return digest;
}

std::string write_file_atomically(const fs::path& target, std::string_view text) {
  AtomicFile file(target);
  file.write(text);
  return file.commit();
}

}  // namespace winnow
