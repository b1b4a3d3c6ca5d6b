#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <unordered_map>

#include "data/dataset.h"
#include "data/tar_table.h"
#include "src/core/error.h"
#include "src/core/log.h"
#include "src/core/text.h"

namespace winnow {
namespace {

// A single encoded picture above this is a mistake (a video, a disk image).
constexpr uint64_t kMaxPictureBytes = uint64_t{1} << 30;

std::string shown(const fs::path& path) { return to_valid_utf8(path.string()); }

/// Closes the descriptor on every way out.
class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

std::vector<std::byte> read_bytes(const fs::path& file) {
  const FileDescriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) {
    const ErrorCode code = errno == ENOENT || errno == ENOTDIR ? ErrorCode::kNotFound : ErrorCode::kData;
    throw Error(code, "[picture] " + shown(file) + ": " + std::strerror(errno));
  }
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode))
    throw Error(ErrorCode::kData, "[picture] " + shown(file) + ": not a regular file");
  const uint64_t size = static_cast<uint64_t>(info.st_size);
  if (size > kMaxPictureBytes)
    throw Error(ErrorCode::kData,
                "[picture] " + shown(file) + ": a picture file may have 1 GiB, this one has " + format_bytes(size));
  std::vector<std::byte> bytes(size);
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = ::read(fd.get(), bytes.data() + done, bytes.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw Error(ErrorCode::kData, "[picture] " + shown(file) + ": cannot be read to its end");
    done += static_cast<size_t>(got);
  }
  return bytes;
}

class FolderStore : public ImageStore {
 public:
  // "list.csv" has an empty parent: the current folder.
  explicit FolderStore(const fs::path& root)
      : root_(fs::absolute(root.empty() ? fs::path(".") : root).lexically_normal()) {}
  std::vector<std::byte> read(const std::string& path) const override { return read_bytes(root_ / path); }
  bool contains(const std::string& path) const override {
    std::error_code ignored;
    return fs::is_regular_file(root_ / path, ignored);
  }
  fs::path origin(const std::string&) const override { return root_; }

 private:
  fs::path root_;
};

class TarStore : public ImageStore {
 public:
  explicit TarStore(const std::vector<fs::path>& tars) {
    for (const auto& tar : tars) add(fs::absolute(tar).lexically_normal());
  }

  std::vector<std::byte> read(const std::string& path) const override {
    const Entry& entry = find(path);
    const auto bytes = files_[entry.file].bytes().subspan(entry.offset, entry.size);
    return {bytes.begin(), bytes.end()};
  }
  bool contains(const std::string& path) const override { return entries_.contains(tar_path(path)); }
  fs::path origin(const std::string& path) const override {
    const auto found = entries_.find(tar_path(path));
    return found == entries_.end() ? fs::path() : names_[found->second.file];
  }

 private:
  struct Entry {
    size_t file;
    uint64_t offset, size;
  };

  void add(const fs::path& tar) {
    const size_t file = files_.size();
    files_.emplace_back(tar);
    names_.push_back(tar);
    const TarTable table = read_tar_table(files_.back().bytes(), tar.string());
    if (!table.has_end_mark)
      log_warning("[tar] {}: no end-of-archive mark after {} members; the file may be cut off", shown(tar),
                  table.members.size());
    for (const auto& member : table.members) {
      const auto [at, added] = entries_.try_emplace(member.path, Entry{file, member.offset, member.size});
      if (!added && at->second.file == file) at->second = Entry{file, member.offset, member.size};
    }
  }

  const Entry& find(const std::string& path) const {
    const auto found = entries_.find(tar_path(path));
    if (found != entries_.end()) return found->second;
    std::vector<std::string> names;
    for (const auto& name : names_) names.push_back(shown(name));
    throw Error(ErrorCode::kNotFound, "[picture] " + to_valid_utf8(path) + ": not in " + join(names, ", "));
  }

  std::vector<MappedFile> files_;
  std::vector<fs::path> names_;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace

std::shared_ptr<ImageStore> open_folder_store(const fs::path& root) { return std::make_shared<FolderStore>(root); }

std::shared_ptr<ImageStore> open_tar_store(const std::vector<fs::path>& tars) {
  if (tars.empty()) throw Error(ErrorCode::kConfig, "[tar] at least one archive is required, none given");
  return std::make_shared<TarStore>(tars);
}

}  // namespace winnow
