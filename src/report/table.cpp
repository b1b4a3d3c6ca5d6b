#include "src/report/table.h"

#include <algorithm>
#include <string_view>

#include "src/core/csv.h"
#include "src/report/text_format.h"

namespace winnow {
namespace {

constexpr std::string_view kMinus = "\u2212";

/// A number alone, or followed by a unit or an interval: "12", "+0.3", "37.9 %", "0.4 (0.3 to 0.5)"; an empty cell too.
bool begins_with_number(std::string_view cell) {
  if (cell.empty() || cell == "-") return true;
  if (cell.substr(0, kMinus.size()) == kMinus)
    cell.remove_prefix(kMinus.size());
  else if (cell[0] == '+' || cell[0] == '-')
    cell.remove_prefix(1);
  const size_t end = cell.find_first_not_of("0123456789.,e-");
  return !cell.empty() && cell[0] >= '0' && cell[0] <= '9' && (end == cell.npos || cell[end] == ' ');
}

std::vector<std::string> column_classes(size_t columns, const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::string> out;
  for (size_t c = 0; c < columns; ++c) {
    const bool number = !rows.empty() && std::all_of(rows.begin(), rows.end(), [&](const auto& row) {
      return c >= row.size() || begins_with_number(row[c]);
    });
    const bool wide =
        std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return c < row.size() && row[c].size() > 40; });
    out.emplace_back(number ? " class=\"n\"" : wide ? " class=\"w\"" : "");
  }
  return out;
}

}  // namespace

std::string table_markup(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows,
                         const std::string& label, size_t shown) {
  const auto classes = column_classes(header.size(), rows);
  // A box that scrolls must be reachable from the keyboard.
  std::string out = "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"" +
                    html_text(label.empty() ? "table" : label) + "\"><table><thead><tr>";
  for (size_t c = 0; c < header.size(); ++c)
    out += "<th scope=\"col\"" + classes[c] + ">" + html_text(header[c]) + "</th>";
  out += "</tr></thead><tbody>\n";
  for (size_t r = 0; r < std::min(rows.size(), shown); ++r) {
    out += "<tr>";
    for (size_t c = 0; c < header.size(); ++c)
      out += "<td" + classes[c] + ">" + (c < rows[r].size() ? html_text(rows[r][c]) : "") + "</td>";
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string table_csv(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows) {
  std::string out = csv_line(header);
  for (auto row : rows) {
    for (auto& cell : row)
      if (cell.rfind(kMinus, 0) == 0) cell.replace(0, kMinus.size(), "-");  // a number for every reader
    out += csv_line(row);
  }
  return out;
}

std::string file_name_of(const std::string& caption) {
  std::string out;
  for (const char c : caption) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
      out += c;
    else if (c >= 'A' && c <= 'Z')
      out += static_cast<char>(c - 'A' + 'a');
    else if (!out.empty() && out.back() != '-')
      out += '-';
  }
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out.empty() ? "table" : out;
}

}  // namespace winnow
