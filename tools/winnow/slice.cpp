#include "tools/winnow/slice.h"

#include "src/core/error.h"
#include "src/core/text.h"

namespace winnow::cli {

std::pair<int64_t, int64_t> parse_slice(const std::string& text) {
  const auto parts = split(text, '/');
  const auto at = parts.size() == 2 ? parse_int(parts[0]) : std::nullopt;
  const auto of = parts.size() == 2 ? parse_int(parts[1]) : std::nullopt;
  if (!at || !of || *of < 1 || *at < 0 || *at >= *of)
    throw Error(ErrorCode::kUsage, "--slice i/n with 0 <= i < n is required, got '" + text + "'");
  return {*at, *of};
}

}  // namespace winnow::cli
