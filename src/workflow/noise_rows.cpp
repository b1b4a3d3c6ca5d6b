#include "src/workflow/noise_rows.h"

#include <set>

#include "src/core/error.h"
#include "src/core/text.h"

namespace winnow {

LabelTable::LabelTable(std::vector<std::string> names) : names_(std::move(names)) {
  for (size_t k = 0; k < names_.size(); ++k)
    if (!index_.emplace(names_[k], static_cast<int64_t>(k)).second)
      throw Error(ErrorCode::kData, "[labels] the class '" + names_[k] + "' is named twice");
}

int64_t LabelTable::find(const std::string& text, const std::string& where) const {
  const auto at = index_.find(text);
  if (at != index_.end()) return at->second;
  const auto near = nearest_name(text, names_);
  throw Error(ErrorCode::kData,
              where + ": unknown label '" + text + "'" + (near ? " (did you mean '" + *near + "'?)" : ""));
}

std::vector<std::string> sorted_names(const std::vector<std::string>& texts) {
  std::set<std::string> unique(texts.begin(), texts.end());
  unique.erase("");
  return {unique.begin(), unique.end()};
}

std::vector<std::string> column_texts(const Csv& csv, const std::string& name) {
  const auto at = static_cast<size_t>(csv.require_column(name));
  std::vector<std::string> out;
  for (const auto& row : csv.rows) out.push_back(row[at]);
  return out;
}

void read_rows(const Csv& csv, NoiseSource& source) {
  const int row = csv.column("row"), path = csv.column("path");
  std::set<int64_t> seen;
  for (size_t i = 0; i < csv.rows.size(); ++i) {
    const std::string where = csv.source + ":" + std::to_string(csv.lines[i]);
    int64_t number = static_cast<int64_t>(i);
    if (row >= 0) {
      const auto value = parse_int(csv.rows[i][static_cast<size_t>(row)]);
      if (!value || *value < 0)
        throw Error(ErrorCode::kData,
                    where + ": a row number is required, got '" + csv.rows[i][static_cast<size_t>(row)] + "'");
      number = *value;
    }
    if (!seen.insert(number).second)
      throw Error(ErrorCode::kData, where + ": row " + std::to_string(number) + " is there twice");
    source.rows.rows.push_back(number);
    source.rows.paths.push_back(path >= 0 ? csv.rows[i][static_cast<size_t>(path)] : "");
  }
}

}  // namespace winnow
