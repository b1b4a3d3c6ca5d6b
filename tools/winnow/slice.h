#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace winnow::cli {

/// "i/n" of --slice as (i, n). @throws Error(kUsage) unless 0 <= i < n
std::pair<int64_t, int64_t> parse_slice(const std::string& text);

}  // namespace winnow::cli
