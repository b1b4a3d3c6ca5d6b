#include "data/tar_table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

#include "src/core/error.h"
#include "src/core/text.h"

namespace winnow {
namespace {

constexpr uint64_t kBlock = 512;
// Long names and pax records are text about one member; more than this is a broken archive.
constexpr uint64_t kMaxMeta = uint64_t{1} << 20;

struct Pending {
  std::optional<std::string> path;
  std::optional<uint64_t> size;
  bool any() const { return path || size; }
};

/// Text up to the first NUL.
std::string_view until_nul(std::string_view text) { return text.substr(0, std::min(text.find('\0'), text.size())); }

std::optional<uint64_t> parse_base256(std::string_view raw) {
  if (static_cast<unsigned char>(raw[0]) != 0x80) return std::nullopt;  // negative, or above 2^88
  uint64_t value = 0;
  for (const char c : raw.substr(1)) {
    if (value >> 55) return std::nullopt;
    value = value << 8 | static_cast<unsigned char>(c);
  }
  return value;
}

std::optional<uint64_t> parse_number(std::string_view raw) {
  if (!raw.empty() && (static_cast<unsigned char>(raw[0]) & 0x80)) return parse_base256(raw);
  const std::string_view digits = trim(until_nul(raw));
  if (digits.empty()) return 0;
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 8);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

const char* compression_of(std::string_view head) {
  using namespace std::string_view_literals;
  if (head.starts_with("\x1f\x8b"sv)) return "gzip";
  if (head.starts_with("BZh"sv)) return "bzip2";
  if (head.starts_with("\xfd"
                       "7zXZ\0"sv))
    return "xz";
  if (head.starts_with("\x28\xb5\x2f\xfd"sv)) return "zstd";
  return nullptr;
}

/// Both sums are in use: POSIX adds unsigned bytes, some old writers signed ones.
bool checksum_holds(std::string_view header) {
  const auto stored = parse_number(header.substr(148, 8));
  if (!stored) return false;
  uint64_t plain = 0;
  int64_t with_sign = 0;
  for (size_t i = 0; i < kBlock; ++i) {
    const char c = i >= 148 && i < 156 ? ' ' : header[i];
    plain += static_cast<unsigned char>(c);
    with_sign += static_cast<signed char>(c);
  }
  return *stored == plain || static_cast<int64_t>(*stored) == with_sign;
}

std::string header_path(std::string_view header) {
  const std::string path(until_nul(header.substr(0, 100)));
  // GNU archives ("ustar  ") use the prefix field for times.
  if (header.substr(257, 6) != std::string_view("ustar\0", 6)) return path;
  const std::string prefix(until_nul(header.substr(345, 155)));
  return prefix.empty() ? path : prefix + "/" + path;
}

class TarWalker {
 public:
  TarWalker(std::span<const std::byte> archive, const std::string& name)
      : text_(reinterpret_cast<const char*>(archive.data()), archive.size()), name_(name) {}

  TarTable walk() {
    if (const char* format = compression_of(text_.substr(0, 8)))
      fail(0, std::string("a tar read in place must not be compressed, this one is ") + format + ": unpack it once");
    while (step()) {
    }
    if (pending_.any()) fail(at_, "a long name must be followed by its member, the archive ends here");
    return std::move(table_);
  }

 private:
  [[noreturn]] void fail(uint64_t offset, const std::string& what) const {
    throw Error(ErrorCode::kData, "[tar] " + to_valid_utf8(name_) + ": byte " + std::to_string(offset) + ": " + what);
  }

  bool step() {
    const uint64_t left = at_ < text_.size() ? text_.size() - at_ : 0;
    if (left == 0 && at_ > 0) return false;
    if (left < kBlock)
      fail(at_, "a header of 512 bytes is required, the file ends after " + std::to_string(left) + " (cut off?)");
    const std::string_view header = text_.substr(at_, kBlock);
    if (header.find_first_not_of('\0') == std::string_view::npos) {
      table_.has_end_mark = true;
      return false;
    }
    if (!checksum_holds(header)) fail(at_, "the header's checksum does not match (not a tar, or damaged)");
    take(header);
    return true;
  }

  void take(std::string_view header) {
    const char type = header[156];
    const auto stored = parse_number(header.substr(124, 12));
    if (!stored) fail(at_, "the size field is not a number");
    const bool meta = type == 'x' || type == 'g' || type == 'L' || type == 'K';
    const uint64_t size = !meta && pending_.size ? *pending_.size : *stored;
    // Links, devices and folders carry no contents, whatever their size field says.
    const bool bodyless = type >= '1' && type <= '6';
    const uint64_t body = at_ + kBlock;
    if (!bodyless && size > text_.size() - body)
      fail(at_, "a member of " + std::to_string(size) + " bytes does not fit, the archive has " +
                    std::to_string(text_.size() - body) + " left (cut off?)");
    if (meta) {
      take_meta(type, body, size);
    } else {
      take_member(type, header, body, size);
    }
    const uint64_t occupied =
        bodyless ? 0 : std::min<uint64_t>((size + kBlock - 1) / kBlock * kBlock, text_.size() - body);
    at_ = body + occupied;
  }

  void take_meta(char type, uint64_t body, uint64_t size) {
    if (size > kMaxMeta) fail(at_, "a name or pax header of " + std::to_string(size) + " bytes is above 1 MiB");
    const std::string_view content = text_.substr(body, size);
    if (type == 'L') pending_.path = std::string(until_nul(content));
    if (type == 'x') take_pax(content);
  }

  void take_pax(std::string_view records) {
    while (!records.empty()) {
      size_t length = 0;
      const auto [end, error] = std::from_chars(records.data(), records.data() + records.size(), length);
      const size_t digits = static_cast<size_t>(end - records.data());
      if (error != std::errc{} || length > records.size() || length < digits + 3 || records[digits] != ' ' ||
          records[length - 1] != '\n')
        fail(at_, "a pax record must read 'LENGTH KEY=VALUE'");
      const std::string_view record = records.substr(digits + 1, length - digits - 2);
      const size_t equal = record.find('=');
      if (equal == std::string_view::npos) fail(at_, "a pax record must read 'LENGTH KEY=VALUE'");
      take_pax_value(record.substr(0, equal), record.substr(equal + 1));
      records.remove_prefix(length);
    }
  }

  void take_pax_value(std::string_view key, std::string_view value) {
    if (key.starts_with("GNU.sparse.")) fail(at_, "sparse members are not supported");
    if (key == "path") pending_.path = std::string(value);
    if (key != "size") return;
    const auto size = parse_int(value);
    if (!size || *size < 0) fail(at_, "the pax size is not a number");
    pending_.size = static_cast<uint64_t>(*size);
  }

  void take_member(char type, std::string_view header, uint64_t body, uint64_t size) {
    if (type == 'S') fail(at_, "sparse members are not supported");
    if (type == 'M') fail(at_, "archives in several volumes are not supported");
    const std::string path = tar_path(pending_.path ? *pending_.path : header_path(header));
    pending_ = {};
    const bool regular = type == '0' || type == '\0' || type == '7';
    // Before POSIX a folder was a regular member whose name ends in a slash.
    if (!regular || path.empty() || path.back() == '/') return;
    table_.members.push_back({path, body, size});
  }

  std::string_view text_;
  const std::string& name_;
  uint64_t at_ = 0;
  Pending pending_;
  TarTable table_;
};

}  // namespace

TarTable read_tar_table(std::span<const std::byte> archive, const std::string& name) {
  return TarWalker(archive, name).walk();
}

std::string tar_path(std::string path) {
  size_t skip = 0;
  while (path.compare(skip, 2, "./") == 0) {
    skip += 2;
    while (skip < path.size() && path[skip] == '/') ++skip;
  }
  return path.substr(skip);
}

}  // namespace winnow
