#include "src/serve/filter.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "src/core/error.h"
#include "src/core/text.h"

namespace winnow {
namespace {

constexpr size_t kMaxValues = 200;

std::string quoted(const std::string& text, char mark) {
  if (text.find('\0') != std::string::npos) throw Error(ErrorCode::kUsage, "[filter] a NUL byte is not allowed");
  std::string out(1, mark);
  for (const char c : text) {
    if (c == mark) out += mark;
    out += c;
  }
  return out + mark;
}

std::string value_text(const nlohmann::json& value, const std::string& column) {
  if (value.is_string()) return quoted(value.get<std::string>(), '\'');
  if (value.is_number_integer()) return quoted(std::to_string(value.get<int64_t>()), '\'');
  throw Error(ErrorCode::kUsage, "[filter] '" + column +
                                     "' is required to be text, a whole number, a list of these, or "
                                     "{\"min\", \"max\"}");
}

std::string range_condition(const nlohmann::json& range, const std::string& name, const std::string& column) {
  std::string out;
  for (const auto& [key, value] : range.items()) {
    if ((key != "min" && key != "max") || !value.is_number())
      throw Error(ErrorCode::kUsage, "[filter] '" + column + "' takes numbers min and max, got '" + key + "'");
    out +=
        (out.empty() ? "" : " AND ") + ("CAST(" + name + " AS REAL)") + (key == "min" ? " >= " : " <= ") + value.dump();
  }
  if (out.empty()) throw Error(ErrorCode::kUsage, "[filter] '" + column + "' has neither min nor max");
  // An empty text would count as 0.
  return "(" + name + " <> '' AND " + out + ")";
}

std::string column_condition(const nlohmann::json& value, const std::string& column) {
  const std::string name = quoted(column, '"');
  if (value.is_object()) return range_condition(value, name, column);
  const std::string text = column == "id" ? "CAST(" + name + " AS TEXT)" : name;
  if (!value.is_array()) return text + " = " + value_text(value, column);
  if (value.empty() || value.size() > kMaxValues)
    throw Error(ErrorCode::kUsage, "[filter] '" + column + "' takes 1 to " + std::to_string(kMaxValues) +
                                       " values, got " + std::to_string(value.size()));
  std::string list;
  for (const auto& one : value) list += (list.empty() ? "" : ", ") + value_text(one, column);
  return text + " IN (" + list + ")";
}

}  // namespace

std::string filter_condition(const nlohmann::json& filter, std::span<const std::string> columns) {
  if (!filter.is_object()) throw Error(ErrorCode::kUsage, "[filter] an object {\"column\": value} is required");
  std::string out;
  for (const auto& [column, value] : filter.items()) {
    if (std::find(columns.begin(), columns.end(), column) == columns.end()) {
      const auto near = nearest_name(column, columns);
      throw Error(ErrorCode::kUsage, "[filter] a column of the index (" + join(columns, ", ") + ") is required, got '" +
                                         column + "'" + (near ? " (did you mean '" + *near + "'?)" : ""));
    }
    out += (out.empty() ? "" : " AND ") + column_condition(value, column);
  }
  return out;
}

}  // namespace winnow
