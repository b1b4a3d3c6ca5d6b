#include "src/workflow/noise_records.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "src/core/csv.h"
#include "src/core/error.h"
#include "src/core/text.h"
#include "src/workflow/noise_rows.h"

namespace winnow {
namespace {

/// A file that training writes beside its model: row,path,label and what it knows of the row.
struct RunTable {
  Csv csv;
  std::vector<std::optional<size_t>> at;  ///< by line: position in the source; nothing for a row that it has not

  /// Takes labels and rows from the file where the source has none yet.
  RunTable(const fs::path& file, NoiseSource& source) : csv(read_csv(file)), at(csv.rows.size()) {
    const auto row = static_cast<size_t>(csv.require_column("row")),
               label = static_cast<size_t>(csv.require_column("label"));
    if (source.labels.empty()) {
      source.names = sorted_names(column_texts(csv, "label"));
      read_rows(csv, source);
      const LabelTable table(source.names);
      for (const auto& fields : csv.rows) source.labels.push_back(table.find(fields[label], csv.source));
    }
    std::map<int64_t, size_t> position;
    for (size_t i = 0; i < source.rows.rows.size(); ++i) position[source.rows.rows[i]] = i;
    for (size_t i = 0; i < csv.rows.size(); ++i) {
      const auto number = parse_int(csv.rows[i][row]);
      if (!number) throw Error(ErrorCode::kData, where(i) + "a row number is required, got '" + csv.rows[i][row] + "'");
      if (const auto found = position.find(*number); found != position.end()) at[i] = found->second;
    }
  }
  std::string where(size_t line) const { return csv.source + ":" + std::to_string(csv.lines[line]) + ": "; }
  /// NaN for an empty field.
  float share(size_t line, size_t column) const {
    const std::string& text = csv.rows[line][column];
    if (text.empty()) return std::nanf("");
    const auto value = parse_double(text);
    if (!value || *value < 0 || *value > 1.0001)
      throw Error(ErrorCode::kData, where(line) + csv.header[column] + " in 0..1 is required, got '" + text + "'");
    return static_cast<float>(std::min(*value, 1.0));
  }
};

}  // namespace

void read_trust(const fs::path& file, NoiseSource& source) {
  const RunTable table(file, source);
  const auto trust = static_cast<size_t>(table.csv.require_column("trust"));
  const int rate = table.csv.column("rate"), score = table.csv.column("score");
  source.trust.assign(source.labels.size(), std::nanf(""));
  for (size_t i = 0; i < table.csv.rows.size(); ++i) {
    const float value = table.share(i, trust);
    const bool unseen = score >= 0 && table.csv.rows[i][static_cast<size_t>(score)].empty();
    if (table.at[i] && !unseen) source.trust[*table.at[i]] = value;
    if (rate >= 0 && i == 0) source.trained_rate = parse_double(table.csv.rows[i][static_cast<size_t>(rate)]);
  }
}

void read_dynamics(const fs::path& file, NoiseSource& source) {
  const RunTable table(file, source);
  const auto column = [&](const char* name) { return static_cast<size_t>(table.csv.require_column(name)); };
  const size_t own = column("own"), other = column("other"), share = column("other_share"), squares = column("squares");
  const std::map<std::string, int32_t> labels = [&] {
    std::map<std::string, int32_t> out;
    for (size_t c = 0; c < source.names.size(); ++c) out[source.names[c]] = static_cast<int32_t>(c);
    return out;
  }();
  Dynamics& d = source.dynamics;
  d.own.assign(source.labels.size(), std::nanf(""));
  d.other.assign(source.labels.size(), -1);
  d.other_share = d.squares = d.own;
  for (size_t i = 0; i < table.csv.rows.size(); ++i) {
    if (!table.at[i]) continue;
    const size_t at = *table.at[i];
    d.own[at] = table.share(i, own);
    d.other_share[at] = table.share(i, share);
    d.squares[at] = table.share(i, squares);
    // A class that no labelled row of the source has cannot be suggested.
    if (const auto found = labels.find(table.csv.rows[i][other]); found != labels.end()) d.other[at] = found->second;
  }
}

}  // namespace winnow
