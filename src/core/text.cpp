#include "src/core/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "src/core/error.h"
#include "src/core/tables.h"

namespace winnow {

namespace {

constexpr size_t kLongestName = 256;  // bounds the quadratic work on hostile input

}  // namespace

int edit_distance(std::string_view a, std::string_view b) {
  // Optimal string alignment: three rows of the table suffice for swaps of neighbours.
  std::vector<int> before(b.size() + 1), previous(b.size() + 1), current(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) previous[j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    current[0] = static_cast<int>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const int replace = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({replace, previous[j] + 1, current[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        current[j] = std::min(current[j], before[j - 2] + 1);
    }
    std::swap(before, previous);
    std::swap(previous, current);
  }
  return previous[b.size()];
}

std::optional<std::string> nearest_name(std::string_view word, std::span<const std::string> known) {
  if (word.empty() || word.size() > kLongestName) return {};
  const std::string wanted = lower(word);
  int best = std::max(1, static_cast<int>(word.size()) / 3) + 1;
  std::optional<std::string> nearest;
  for (const auto& name : known) {
    if (name.size() > kLongestName) continue;
    const int distance = edit_distance(wanted, lower(name));
    if (distance >= best) continue;
    best = distance;
    nearest = name;
  }
  return nearest;
}

std::string format_bytes(uint64_t bytes) {
  constexpr std::array<const char*, 6> units = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) return std::to_string(bytes) + " B";
  double value = static_cast<double>(bytes) / 1024;
  size_t unit = 0;
  for (; value >= 1023.95 && unit + 1 < units.size(); ++unit) value /= 1024;
  return format_number(value, 1) + " " + units[unit];
}

uint64_t parse_bytes(std::string_view text) {
  const std::string_view whole = trim(text);
  const size_t end = std::min(whole.find_first_not_of("0123456789.+-eE"), whole.size());
  const std::string unit = lower(trim(whole.substr(end)));
  const auto value = parse_double(whole.substr(0, end));
  double factor = 0;
  if (unit.empty() || unit == "b") factor = 1;
  constexpr std::string_view prefixes = "kmgt";
  if (const size_t power = prefixes.find(unit.empty() ? '\0' : unit[0]); power != std::string_view::npos) {
    const std::string rest = unit.substr(1);
    if (rest.empty() || rest == "b" || rest == "ib") factor = std::exp2(10.0 * static_cast<double>(power + 1));
  }
  if (!value || *value < 0 || factor == 0 || *value * factor >= 0x1.0p63)
    throw Error(ErrorCode::kUsage,
                "[bytes] a size such as 512M, 16G or 1.5GiB is required, got '" + to_valid_utf8(text) + "'");
  return static_cast<uint64_t>(std::llround(*value * factor));
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (true) {
    const size_t at = text.find(separator);
    parts.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view space = " \t\r\n\f\v";
  const size_t begin = text.find_first_not_of(space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
  std::string out;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += separator;
    out += parts[i];
  }
  return out;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

namespace {

template <typename T>
std::optional<T> parse_whole(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-' && text[1] != '+') text.remove_prefix(1);
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return {};
  return value;
}

}  // namespace

std::optional<double> parse_double(std::string_view text) {
  const auto value = parse_whole<double>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

std::optional<int64_t> parse_int(std::string_view text) { return parse_whole<int64_t>(text); }

namespace {

/// Length of the valid UTF-8 sequence at the start, or 0; `bad` gets the length of the invalid part to replace
/// (the Unicode standard's maximal subpart).
size_t utf8_length(std::string_view s, size_t& bad) {
  const auto byte = [&](size_t i) { return i < s.size() ? static_cast<unsigned char>(s[i]) : 0u; };
  const unsigned first = byte(0);
  bad = 1;
  if (first < 0x80) return 1;
  size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4) return 0;
  // Second bytes that would be overlong, a surrogate or beyond U+10FFFF.
  const unsigned low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < low || byte(1) > high) return 0;
  for (size_t i = 2; i < length; ++i) {
    if (byte(i) >= 0x80 && byte(i) <= 0xBF) continue;
    bad = i;
    return 0;
  }
  return length;
}

}  // namespace

std::string to_valid_utf8(std::string_view bytes) {
  std::string out;
  while (!bytes.empty()) {
    size_t bad = 1;
    const size_t length = utf8_length(bytes, bad);
    out += length > 0 ? bytes.substr(0, length) : std::string_view("\xEF\xBF\xBD");
    bytes.remove_prefix(length > 0 ? length : bad);
  }
  return out;
}

bool is_valid_utf8(std::string_view bytes) { return valid_utf8_prefix(bytes) == bytes.size(); }

size_t valid_utf8_prefix(std::string_view bytes) {
  size_t at = 0, bad = 1;
  while (at < bytes.size()) {
    const size_t length = utf8_length(bytes.substr(at), bad);
    if (length == 0) return at;
    at += length;
  }
  return at;
}

std::string escape_html(std::string_view text) {
  std::string out;
  for (const char c : text) switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  return out;
}

}  // namespace winnow
