#include <algorithm>
#include <set>

#include "data/manifest.h"
#include "src/core/error.h"
#include "src/core/text.h"

namespace winnow {
namespace {

/// "split: iconic, test, train, val" for the message when nothing is left.
std::string known_values(const Csv& table, int column) {
  constexpr size_t kShown = 10;
  std::set<std::string> values;
  for (const auto& row : table.rows) {
    values.insert(row[static_cast<size_t>(column)]);
    if (values.size() > kShown) break;
  }
  std::vector<std::string> names(values.begin(), values.end());
  const bool more = names.size() > kShown;
  if (more) names.resize(kShown);
  for (auto& name : names) name = name.empty() ? "''" : to_valid_utf8(name);
  return table.header[static_cast<size_t>(column)] + ": " + join(names, ", ") + (more ? ", ..." : "");
}

}  // namespace

Condition parse_condition(const std::string& text) {
  const size_t equal = text.find('=');
  const bool negated = equal != std::string::npos && equal > 0 && text[equal - 1] == '!';
  const std::string column(trim(std::string_view(text).substr(0, negated ? equal - 1 : std::min(equal, text.size()))));
  if (equal == std::string::npos || column.empty())
    throw Error(ErrorCode::kConfig, "[data.where] COLUMN=VALUE or COLUMN!=VALUE is required, got '" + text + "'");
  return {column, std::string(trim(std::string_view(text).substr(equal + 1))), !negated};
}

std::vector<size_t> select_rows(const Csv& table, const std::vector<std::string>& where) {
  std::vector<Condition> conditions;
  std::vector<int> columns, others;
  for (const auto& text : where) {
    conditions.push_back(parse_condition(text));
    columns.push_back(table.require_column(conditions.back().column));
    const std::string& value = conditions.back().value;
    others.push_back(value.starts_with('@') ? table.require_column(value.substr(1)) : -1);
  }
  std::vector<size_t> kept;
  for (size_t i = 0; i < table.rows.size(); ++i) {
    bool holds = true;
    for (size_t c = 0; c < conditions.size() && holds; ++c) {
      const auto& row = table.rows[i];
      const auto& value = others[c] < 0 ? conditions[c].value : row[static_cast<size_t>(others[c])];
      holds = (row[static_cast<size_t>(columns[c])] == value) == conditions[c].equal;
    }
    if (holds) kept.push_back(i);
  }
  if (!kept.empty()) return kept;
  if (table.rows.empty())
    throw Error(ErrorCode::kData,
                "[data] " + to_valid_utf8(table.source) + ": at least one row is required, it has none");
  std::string message = "[data] " + to_valid_utf8(table.source) + ": no row is left by where " + join(where, ", ");
  for (const int column : columns) message += "; values of " + known_values(table, column);
  throw Error(ErrorCode::kData, message);
}

}  // namespace winnow
