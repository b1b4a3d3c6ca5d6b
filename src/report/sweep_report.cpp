#include "src/report/sweep_report.h"

#include <algorithm>
#include <cmath>

#include "src/core/tables.h"

namespace winnow {
namespace {

constexpr int kDigits = 4;

SeedSpread spread_of(const std::vector<double>& values) {
  SeedSpread out;
  out.seeds = static_cast<int64_t>(values.size());
  for (const double v : values) out.mean += v / static_cast<double>(values.size());
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  out.low = *low;
  out.high = *high;
  return out;
}

/// 97.5 % point of Student's t.
double t_quantile(int64_t freedom) {
  static constexpr double kTable[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228};
  const auto known = static_cast<int64_t>(std::size(kTable));
  if (freedom <= known) return kTable[freedom - 1];
  // Hill's expansion is good to 1e-3 from here on.
  const double z = 1.959964, n = static_cast<double>(freedom);
  return z + (z * z * z + z) / (4 * n) + (5 * std::pow(z, 5) + 16 * z * z * z + 3 * z) / (96 * n * n);
}

SeedDifference difference_of(const std::vector<double>& values) {
  SeedDifference out;
  out.seeds = static_cast<int64_t>(values.size());
  const auto n = static_cast<double>(values.size());
  for (const double v : values) out.mean += v / n;
  out.low = out.high = out.mean;
  if (values.size() < 2) return out;
  double squares = 0;
  for (const double v : values) squares += (v - out.mean) * (v - out.mean);
  const double half = t_quantile(out.seeds - 1) * std::sqrt(squares / (n - 1) / n);
  out.low = out.mean - half;
  out.high = out.mean + half;
  return out;
}

using Rows = std::vector<const SweepRow*>;

std::map<std::string, SeedSpread> spreads(const Rows& rows, std::map<std::string, double> SweepRow::*side) {
  std::map<std::string, std::vector<double>> values;
  for (const auto* row : rows)
    for (const auto& [name, value] : row->*side) values[name].push_back(value);
  std::map<std::string, SeedSpread> out;
  for (const auto& [name, list] : values) out[name] = spread_of(list);
  return out;
}

std::map<std::string, SeedDifference> gains(const Rows& rows, const Rows& baseline) {
  std::map<std::string, std::vector<double>> values;
  for (const auto* row : rows)
    for (const auto* other : baseline) {
      if (row->seed != other->seed) continue;
      for (const auto& [name, value] : row->last)
        if (const auto at = other->last.find(name); at != other->last.end()) values[name].push_back(value - at->second);
    }
  std::map<std::string, SeedDifference> out;
  for (const auto& [name, list] : values) out[name] = difference_of(list);
  return out;
}

Rows rows_of(const std::vector<SweepRow>& rows, const std::string& data, const std::string& method) {
  Rows out;
  for (const auto& row : rows)
    if (row.data == data && row.method == method) out.push_back(&row);
  return out;
}

std::vector<std::string> in_order(const std::vector<SweepRow>& rows, std::string SweepRow::*field) {
  std::vector<std::string> out;
  for (const auto& row : rows)
    if (std::find(out.begin(), out.end(), row.*field) == out.end()) out.push_back(row.*field);
  return out;
}

}  // namespace

std::vector<SweepLine> summarise_sweep(const std::vector<SweepRow>& rows, const std::string& baseline) {
  std::vector<SweepLine> out;
  const auto methods = in_order(rows, &SweepRow::method);
  for (const auto& data : in_order(rows, &SweepRow::data)) {
    const Rows base = rows_of(rows, data, baseline);
    const auto first = static_cast<std::ptrdiff_t>(out.size());
    for (const auto& method : methods) {
      const Rows mine = rows_of(rows, data, method);
      if (mine.empty()) continue;
      SweepLine line{data, method, mine.front()->told, {}, {}, {}, 0};
      line.last = spreads(mine, &SweepRow::last);
      line.best = spreads(mine, &SweepRow::best);
      if (method != baseline) line.gain = gains(mine, base);
      for (const auto* row : mine) line.seconds += row->seconds / static_cast<double>(mine.size());
      out.push_back(std::move(line));
    }
    std::stable_partition(out.begin() + first, out.end(), [](const SweepLine& line) { return line.told.empty(); });
  }
  return out;
}

std::string spread_text(const SeedSpread& s) {
  std::string out = format_number(s.mean, kDigits);
  if (s.seeds > 1) out += " (" + format_number(s.low, kDigits) + "-" + format_number(s.high, kDigits) + ")";
  return out;
}

SweepCells sweep_cells(const std::vector<SweepLine>& lines, const std::vector<std::string>& metrics) {
  SweepCells out;
  out.header = {"data", "method", "told", "seeds"};
  for (const auto& metric : metrics)
    for (const char* what : {" last", " best", " gain"}) out.header.push_back(metric + what);
  out.header.push_back("seconds");
  for (const auto& line : lines) {
    std::vector<std::string> cells = {line.data, line.method, line.told.empty() ? "nothing" : line.told, ""};
    for (const auto& metric : metrics) {
      const auto last = line.last.find(metric), best = line.best.find(metric);
      const auto gain = line.gain.find(metric);
      if (last != line.last.end()) cells[3] = std::to_string(last->second.seeds);
      cells.push_back(last == line.last.end() ? "" : spread_text(last->second));
      cells.push_back(best == line.best.end() ? "" : spread_text(best->second));
      cells.push_back(gain == line.gain.end() ? "" : format_number(gain->second.mean, kDigits));
      if (gain != line.gain.end() && gain->second.seeds > 1)
        cells.back() +=
            " [" + format_number(gain->second.low, kDigits) + ", " + format_number(gain->second.high, kDigits) + "]";
    }
    cells.push_back(format_number(line.seconds, 0));
    out.rows.push_back(std::move(cells));
  }
  return out;
}

}  // namespace winnow
