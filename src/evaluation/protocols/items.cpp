#include "src/evaluation/protocols/items.h"

#include <algorithm>
#include <cctype>

#include "src/core/error.h"
#include "src/core/shown.h"
#include "src/core/text.h"

namespace winnow::protocols {
namespace {

constexpr int64_t kTwice = -2;

/// The last `components` components of a path, less the extension where names have none.
std::string tail(const std::string& path, size_t components, bool with_extension) {
  size_t at = path.size();
  for (size_t i = 0; i < components && at != std::string::npos && at > 0; ++i) at = path.rfind('/', at - 1);
  std::string out = at == std::string::npos || at == 0 ? path : path.substr(at + 1);
  if (with_extension) return out;
  const auto dot = out.rfind('.');
  const auto slash = out.rfind('/');
  if (dot != std::string::npos && (slash == std::string::npos || dot > slash)) out.resize(dot);
  return out;
}

}  // namespace

ItemFinder::ItemFinder(const std::vector<std::string>& paths, bool with_extension)
    : paths_(paths), with_extension_(with_extension) {}

const std::unordered_map<std::string, int64_t>& ItemFinder::by_depth(size_t components) {
  auto& map = maps_[components];
  if (map.empty())
    for (size_t row = 0; row < paths_.size(); ++row) {
      const auto [at, fresh] = map.emplace(tail(paths_[row], components, with_extension_), static_cast<int64_t>(row));
      if (!fresh) at->second = kTwice;
    }
  return map;
}

int64_t ItemFinder::find(std::string_view name) {
  const auto components = static_cast<size_t>(std::count(name.begin(), name.end(), '/')) + 1;
  const auto& map = by_depth(components);
  const auto found = map.find(std::string(name));
  if (found == map.end()) return -1;
  if (found->second == kTwice)
    throw Error(ErrorCode::kData, "[protocol] the listed name '" + shown(name) +
                                      "' must fit one embedded picture, but several paths end in it");
  return found->second;
}

int64_t Numbers::of(const std::string& name) {
  return numbers_.emplace(name, static_cast<int64_t>(numbers_.size())).first->second;
}

void fail_line(const fs::path& file, int64_t number, const std::string& required) {
  throw Error(ErrorCode::kData, file.string() + ":" + std::to_string(number) + ": " + shown(required, 300));
}

int64_t integer_field(const fs::path& file, int64_t number, std::string_view field) {
  const auto value = parse_int(field);
  if (!value) fail_line(file, number, "an integer is required, given '" + shown(field) + "'");
  return *value;
}

void for_each_line(const fs::path& file,
                   const std::function<void(int64_t number, const std::vector<std::string_view>& fields)>& line) {
  const std::string text = read_file(file);
  std::vector<std::string_view> fields;
  int64_t number = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view row(text.data() + at, end - at);
    at = end + 1;
    ++number;
    fields.clear();
    for (size_t i = 0; i < row.size();) {
      if (row[i] == '\0') fail_line(file, number, "text is required, given a NUL byte");
      if (std::isspace(static_cast<unsigned char>(row[i]))) {
        ++i;
        continue;
      }
      size_t last = i;
      while (last < row.size() && !std::isspace(static_cast<unsigned char>(row[last]))) ++last;
      fields.push_back(row.substr(i, last - i));
      i = last;
    }
    if (!fields.empty()) line(number, fields);
  }
}

std::string stem_of(const std::string& path) { return tail(path, 1, false); }

int64_t trailing_number(const std::string& path) {
  const std::string stem = stem_of(path);
  size_t at = stem.size();
  while (at > 0 && std::isdigit(static_cast<unsigned char>(stem[at - 1]))) --at;
  const auto value = parse_int(std::string_view(stem).substr(at));
  return value ? *value : -1;
}

void note_missing(ProtocolPlan& plan, int64_t missing, int64_t listed, const std::string& first, const char* what) {
  if (missing == 0) return;
  if (missing == listed)
    throw Error(ErrorCode::kData, std::string("[protocol] none of the ") + std::to_string(listed) + " listed " + what +
                                      " was embedded, the first '" + shown(first) +
                                      "'; paths must end in the listed names");
  plan.notes.push_back(std::to_string(missing) + " of " + std::to_string(listed) + " listed " + what +
                       " were not embedded, the first '" + shown(first) +
                       "': figures are not comparable with published ones");
}

}  // namespace winnow::protocols
