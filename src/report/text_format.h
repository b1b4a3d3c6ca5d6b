#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/evaluation/retrieval.h"

namespace winnow {

/// Escaped, with U+FFFD for bytes that are not UTF-8: what may stand in a page.
std::string html_text(std::string_view text);
/// "2,485".
std::string format_count(int64_t n);
/// "37.9 %" of 0.379.
std::string format_percent(double share);
/// Shortest text with at most 4 significant digits: "0.001", "1e-05", "12500".
std::string format_short(double value);
/// "+0.031" or "-0.004" with a true minus sign.
std::string format_change(double value, int decimals);
/// "0.360 to 0.398".
std::string format_interval(const Interval& interval, int decimals);
/// A metric of the result with three decimals and its interval in brackets, where there is one.
std::string format_metric(const RetrievalResult& result, const std::string& name);
/// "1 query", "2 queries": `plural` is the form for every other number.
std::string format_quantity(int64_t n, const std::string& singular, const std::string& plural);

}  // namespace winnow
