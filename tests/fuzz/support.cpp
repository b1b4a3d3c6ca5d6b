#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <system_error>

#include "src/core/text.h"
#include "tests/fuzz/targets.h"

namespace winnow::fuzz {

void require(bool holds, const char* invariant) {
  if (holds) return;
  std::fprintf(stderr, "fuzz: broken invariant: %s\n", invariant);
  std::abort();
}

MemoryFile::MemoryFile(const uint8_t* data, size_t size) : fd_(memfd_create("fuzz", MFD_CLOEXEC)) {
  require(fd_ >= 0, "a memory file can be made");
  require(::write(fd_, data, size) == static_cast<ssize_t>(size), "a memory file can be written");
}

MemoryFile::~MemoryFile() { ::close(fd_); }

std::string MemoryFile::path() const { return "/proc/self/fd/" + std::to_string(fd_); }

MemoryFolder::MemoryFolder() {
  const fs::path memory = "/dev/shm";
  std::string name = ((fs::is_directory(memory) ? memory : fs::temp_directory_path()) / "fuzz-XXXXXX").string();
  require(mkdtemp(name.data()) != nullptr, "a folder in memory can be made");
  path_ = name;
}

MemoryFolder::~MemoryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void MemoryFolder::hold(const std::vector<std::string>& names, const std::vector<std::string>& texts) {
  for (const auto& file : held_) fs::remove(file);
  held_.clear();
  for (size_t i = 0; i < names.size() && i < texts.size(); ++i) {
    held_.push_back(path_ / names[i]);
    fs::create_directories(held_.back().parent_path());
    std::ofstream(held_.back(), std::ios::binary) << texts[i];
  }
}

std::vector<std::string> parts_of(std::string_view text, size_t most) {
  std::vector<std::string> out;
  while (out.size() + 1 < most) {
    const size_t cut = text.find('\x1e');
    if (cut == std::string_view::npos) break;
    out.emplace_back(text.substr(0, cut));
    text.remove_prefix(cut + 1);
  }
  out.emplace_back(text);
  return out;
}

void require_reader_error(const Error& e) {
  require(e.code() == ErrorCode::kData || e.code() == ErrorCode::kNotFound, "damage is an error of the data");
  const std::string_view text = e.what();
  require(text.size() < 2000, "messages are bounded");
  require(is_valid_utf8(text), "messages are UTF-8");
}

}  // namespace winnow::fuzz
