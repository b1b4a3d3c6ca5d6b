#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace winnow {

namespace fs = std::filesystem;

/// SHA-256 in increments. Not thread-safe.
class Sha256 {
 public:
  Sha256();
  void update(const void* data, size_t bytes);
  void update(std::string_view text) { update(text.data(), text.size()); }
  /// 64 lower-case hexadecimal digits; the object must not be used afterwards.
  std::string hex();

 private:
  void blocks(const unsigned char* p, size_t count);
  uint32_t state_[8];
  uint64_t bytes_ = 0;
  unsigned char buffer_[64];
};

std::string sha256_hex(std::string_view bytes);
/// @throws Error(kNotFound | kData) naming the file
std::string sha256_file(const fs::path& file);

namespace detail {
/// The processor-independent block function, so that a test can hold it against the one Sha256 chose.
void sha256_blocks_portable(uint32_t state[8], const unsigned char* p, size_t count);
}  // namespace detail

/// Writes a file that appears whole or not at all: temporary name `.NAME.tmp.PID.COUNTER` beside the target, fsync,
/// rename, fsync of the folder. A full disk or failed write throws Error(kDevice) with the path and errno text and
/// removes the temporary. Without commit() the destructor removes the temporary. The folder must exist. A target that
/// exists and is no regular file (folder, device) throws Error(kUsage). Not thread-safe.
class AtomicFile {
 public:
  explicit AtomicFile(fs::path target);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(const void* data, size_t bytes);
  void write(std::string_view text) { write(text.data(), text.size()); }
  /// Makes the file visible. @return SHA-256 of what was written
  std::string commit();
  /// The temporary file's path, for libraries that write by name; call written_externally() after they did.
  const fs::path& temporary() const { return temporary_; }
  /// Forgets what write() saw: commit() then hashes the file on disk (used with temporary()).
  void written_externally() { external_ = true; }
  uint64_t bytes() const { return bytes_; }

 private:
  void put(const char* data, size_t bytes);
  void flush();
  void close_file();
  [[noreturn]] void fail(const char* what, int error);
  fs::path target_, temporary_;
  int fd_ = -1;
  bool committed_ = false, external_ = false;
  uint64_t bytes_ = 0;
  Sha256 digest_;
  std::vector<char> buffer_;
};

/// One call for small files. @return SHA-256 of the text
std::string write_file_atomically(const fs::path& target, std::string_view text);

/// Whole file (pipes too). @throws Error(kNotFound) when absent, Error(kData) when unreadable, a folder, or larger than
/// max_bytes
std::string read_file(const fs::path& file, uint64_t max_bytes = uint64_t{1} << 32);

/// fsync of a folder, so that a rename in it is durable.
void sync_folder(const fs::path& folder);
/// fsync of a file's contents.
void sync_file(const fs::path& file);

/// Absolute path without `.` and `..`; empty text stays empty. The file need not exist.
std::string absolute_path(const std::string& path);

/// Creates a folder and its parents. @throws Error(kDevice) naming it
void make_folder(const fs::path& folder);

/// Read-only memory map of a file. Movable. @throws Error(kNotFound | kData)
class MappedFile {
 public:
  MappedFile() = default;
  explicit MappedFile(const fs::path& file);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  std::span<const std::byte> bytes() const { return {static_cast<const std::byte*>(data_), size_}; }

 private:
  void* data_ = nullptr;
  size_t size_ = 0;
};

/// Exclusive advisory lock on `folder/.lock` for the object's life.
/// @throws Error(kDevice) "another winnow process is writing to FOLDER" when it is held, Error(kNotFound) when the
/// folder does not exist
class FolderLock {
 public:
  explicit FolderLock(const fs::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int fd_ = -1;
};

/// Free bytes of the file system that holds `folder` (its nearest existing parent).
uint64_t free_disk_bytes(const fs::path& folder);

}  // namespace winnow
