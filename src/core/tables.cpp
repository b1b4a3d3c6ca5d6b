#include "src/core/tables.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

#include "src/core/text.h"

namespace winnow {
namespace {

/// Columns a text takes on a terminal, one a code point.
size_t width(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool looks_numeric(std::string_view text) {
  if (!text.empty() && text.back() == '%') text.remove_suffix(1);
  return parse_double(text).has_value();
}

std::string pad(const std::string& text, size_t columns, bool right) {
  const std::string space(columns - std::min(columns, width(text)), ' ');
  return right ? space + text : text + space;
}

}  // namespace

std::string Table::text() const {
  size_t columns = header_.size();
  for (const auto& row : rows_) columns = std::max(columns, row.size());
  const auto cell = [](const std::vector<std::string>& row, size_t c) { return c < row.size() ? row[c] : ""; };
  std::vector<size_t> widths(columns);
  std::vector<bool> numeric(columns, !rows_.empty());
  for (size_t c = 0; c < columns; ++c) {
    widths[c] = width(cell(header_, c));
    for (const auto& row : rows_) {
      widths[c] = std::max(widths[c], width(cell(row, c)));
      if (!looks_numeric(cell(row, c))) numeric[c] = false;
    }
  }
  std::string out;
  const auto print = [&](const std::vector<std::string>& row, bool is_header) {
    std::string line;
    for (size_t c = 0; c < columns; ++c) {
      if (c > 0) line += "  ";
      const std::string text = cell(row, c);
      line += pad(text, widths[c], is_header ? numeric[c] : looks_numeric(text));
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
  };
  print(header_, true);
  for (const auto& row : rows_) print(row, false);
  return out;
}

std::string format_number(double value, int decimals) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  // The longest double has 309 digits before the point.
  char buffer[512];
  const auto result =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed, std::clamp(decimals, 0, 100));
  std::string text(buffer, result.ptr);
  if (text[0] == '-' && text.find_first_not_of("-0.") == std::string::npos) text.erase(0, 1);
  return text;
}

}  // namespace winnow
