#include "src/evaluation/compare_files.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "src/core/csv.h"
#include "src/core/error.h"
#include "src/core/json.h"
#include "src/core/shown.h"
#include "src/core/text.h"
#include "src/evaluation/bootstrap.h"

namespace winnow {
namespace {

/// Columns of a per-query file that are no metric.
bool is_metric(const std::string& name) {
  for (const char* other : {"id", "path", "label", "relevant", "first_rank"})
    if (name == other) return false;
  return name.rfind("best_hit_", 0) != 0;
}

double number_in(const Csv& csv, size_t row, size_t column) {
  const auto value = parse_double(csv.rows[row][column]);
  if (!value)
    throw Error(ErrorCode::kData, csv.source + ":" + std::to_string(csv.lines[row]) + ": " + shown(csv.header[column]) +
                                      " must be a number, given '" + shown(csv.rows[row][column]) + "'");
  return *value;
}

std::map<std::string, size_t> rows_by_id(const Csv& csv) {
  const auto id = static_cast<size_t>(csv.require_column("id"));
  std::map<std::string, size_t> out;
  for (size_t row = 0; row < csv.rows.size(); ++row)
    if (!out.emplace(csv.rows[row][id], row).second)
      throw Error(ErrorCode::kData, csv.source + ":" + std::to_string(csv.lines[row]) + ": id " +
                                        shown(csv.rows[row][id]) + " stands in two lines");
  return out;
}

ResultComparison compare_queries(const fs::path& file_a, const fs::path& file_b, int64_t resamples, uint64_t seed) {
  const Csv a = read_csv(file_a), b = read_csv(file_b);
  const auto rows_a = rows_by_id(a), rows_b = rows_by_id(b);
  std::vector<std::pair<size_t, size_t>> both;
  for (const auto& [id, row] : rows_a)
    if (const auto found = rows_b.find(id); found != rows_b.end()) both.emplace_back(row, found->second);
  if (both.empty())
    throw Error(ErrorCode::kData, "[compare] " + file_a.string() + " and " + file_b.string() +
                                      " must share queries, but no id stands in both");
  ResultComparison out;
  out.paired = true;
  out.only_in_a = static_cast<int64_t>(rows_a.size() - both.size());
  out.only_in_b = static_cast<int64_t>(rows_b.size() - both.size());
  const auto count = static_cast<double>(both.size());
  for (size_t column = 0; column < a.header.size(); ++column) {
    const int other = b.column(a.header[column]);
    if (!is_metric(a.header[column]) || other < 0) continue;
    MetricComparison metric{a.header[column], 0, 0, {}};
    std::vector<double> differences;
    for (const auto& [row_a, row_b] : both) {
      const double va = number_in(a, row_a, column), vb = number_in(b, row_b, static_cast<size_t>(other));
      metric.a += va / count;
      metric.b += vb / count;
      differences.push_back(vb - va);
    }
    metric.difference = {metric.b - metric.a, bootstrap_means(differences, 1, resamples, seed)[0],
                         static_cast<int64_t>(both.size())};
    out.metrics.push_back(std::move(metric));
  }
  return out;
}

ResultComparison compare_documents(const fs::path& file_a, const fs::path& file_b) {
  const auto read = [](const fs::path& file) {
    const auto json = read_json(file);
    const auto metrics = json.find("metrics");
    if (metrics == json.end() || !metrics->is_object())
      throw Error(ErrorCode::kData, file.string() + ": an object 'metrics' is required (winnow eval --json)");
    std::map<std::string, double> out;
    for (const auto& [name, value] : metrics->items()) {
      if (!value.is_number())
        throw Error(ErrorCode::kData, file.string() + ": metrics." + shown(name) + " must be a number");
      out[name] = value.get<double>();
    }
    return out;
  };
  const auto a = read(file_a), b = read(file_b);
  ResultComparison out;
  for (const auto& [name, value] : a)
    if (const auto found = b.find(name); found != b.end())
      out.metrics.push_back({name, value, found->second, {found->second - value, {}, 0}});
  return out;
}

}  // namespace

ResultComparison compare_results(const fs::path& a, const fs::path& b, int64_t resamples, uint64_t seed) {
  const bool csv_a = lower(a.extension().string()) == ".csv", csv_b = lower(b.extension().string()) == ".csv";
  if (csv_a != csv_b)
    throw Error(ErrorCode::kUsage,
                "[compare] two per-query CSV files or two JSON results are required, given one of each");
  auto out = csv_a ? compare_queries(a, b, resamples, seed) : compare_documents(a, b);
  if (out.metrics.empty())
    throw Error(ErrorCode::kData, "[compare] " + a.string() + " and " + b.string() + " have no metric in common");
  return out;
}

}  // namespace winnow
