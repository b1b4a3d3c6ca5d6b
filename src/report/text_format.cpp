#include "src/report/text_format.h"

#include <charconv>
#include <cmath>

#include "src/core/tables.h"
#include "src/core/text.h"

namespace winnow {

std::string html_text(std::string_view text) { return escape_html(to_valid_utf8(text)); }

std::string format_count(int64_t n) {
  std::string out = std::to_string(n);
  for (auto at = static_cast<int64_t>(out.size()) - 3; at > (n < 0 ? 1 : 0); at -= 3)
    out.insert(static_cast<size_t>(at), ",");
  return out;
}

std::string format_percent(double share) { return format_number(100.0 * share, 1) + " %"; }

std::string format_short(double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::general, 4).ptr;
  return {text, end};
}

std::string format_change(double value, int decimals) {
  const std::string size = format_number(std::abs(value), decimals);
  return (value < 0 ? "\u2212" : "+") + size;
}

std::string format_interval(const Interval& interval, int decimals) {
  return format_number(interval.low, decimals) + " to " + format_number(interval.high, decimals);
}

std::string format_metric(const RetrievalResult& result, const std::string& name) {
  const std::string value = format_number(result.metrics.at(name), 3);
  const auto interval = result.intervals.find(name);
  return interval == result.intervals.end() ? value : value + " (" + format_interval(interval->second, 3) + ")";
}

std::string format_quantity(int64_t n, const std::string& singular, const std::string& plural) {
  return format_count(n) + " " + (n == 1 ? singular : plural);
}

}  // namespace winnow
