#include "src/config/faults.h"

#include <algorithm>
#include <string_view>
#include <tuple>

#include "src/core/text.h"

namespace winnow::config {
namespace {

constexpr size_t kMostShown = 50;
constexpr size_t kLongestLine = 200;

/// For a terminal: one line, no control characters.
std::string printable(std::string_view text) {
  std::string out = to_valid_utf8(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; },
      ' ');
  return out;
}

std::string_view line_of(const Place& place) {
  std::string_view text = place.text->text;
  for (int i = 0; i < place.line; ++i) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  text = text.substr(0, text.find('\n'));
  while (!text.empty() && text.back() == '\r') text.remove_suffix(1);
  return text;
}

/// The source line and a caret under the place; tabs keep their width.
std::string excerpt(std::string_view line, std::string_view before) {
  if (trim(line).empty() || line.size() > kLongestLine) return {};
  std::string pad;
  for (const char c : before)
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) pad += c == '\t' ? '\t' : ' ';
  return "    " + printable(line) + "\n    " + pad + "^\n";
}

std::string describe(const Place& place, const std::string& message) {
  if (!place.text) return printable(message) + "\n";
  if (place.line < 0) return printable(place.text->name + ": " + message) + "\n";
  const std::string_view line = line_of(place);
  const std::string_view before = line.substr(0, static_cast<size_t>(std::max(0, place.column)));
  std::string head = place.text->name;
  if (place.text->is_file) {
    const auto characters = std::count_if(before.begin(), before.end(),
                                          [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
    head += ":" + std::to_string(place.line + 1) + ":" + std::to_string(characters + 1);
  }
  return printable(head + ": " + message) + "\n" + excerpt(line, before);
}

}  // namespace

std::string origin_of(const Place& place) {
  if (!place.text) return "default";
  return place.text->is_file ? place.text->name + ":" + std::to_string(place.line + 1) : place.text->name;
}

void Faults::add(const Place& place, const std::string& message, const std::string& key) {
  faults_.push_back({place, message, key});
}

bool Faults::touches(const std::string& key) const {
  return std::any_of(faults_.begin(), faults_.end(), [&](const Fault& fault) {
    return key.empty() || fault.key == key || fault.key.rfind(key + ".", 0) == 0;
  });
}

void Faults::raise(ErrorCode code) const {
  if (faults_.empty()) return;
  auto sorted = faults_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Fault& a, const Fault& b) {
    const auto rank = [](const Place& p) {
      return std::make_tuple(!p.text, p.text ? p.text->order : 0, p.line, p.column);
    };
    return rank(a.place) < rank(b.place);
  });
  std::string out;
  for (size_t i = 0; i < std::min(sorted.size(), kMostShown); ++i) out += describe(sorted[i].place, sorted[i].message);
  if (sorted.size() > kMostShown) out += "...\n";
  throw Error(code, out + std::to_string(sorted.size()) + (sorted.size() == 1 ? " error" : " errors"));
}

}  // namespace winnow::config
