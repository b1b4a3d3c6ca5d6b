#include "src/workflow/tune_page.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "src/core/tables.h"
#include "src/core/text.h"
#include "src/report/html.h"

namespace winnow {
namespace {

std::vector<std::string> cells(const TunePoint& p) {
  return {p.factory,
          std::to_string(p.probe),
          format_number(p.recall_at_10, 4),
          format_number(p.micros, 0),
          format_bytes(p.bytes),
          format_number(p.build_seconds, 1),
          p.chosen   ? "chosen"
          : p.pareto ? "front"
          : p.fits   ? ""
                     : "over budget"};
}

const std::vector<std::string> kHeader = {"type", "probe", "recall@10", "us a query", "memory", "build s", ""};

/// Lines by index type; the chosen point as a line of its own, so that it stands out.
template <typename X>
std::string chart(const Tuning& tuning, const std::string& title, const std::string& x_label, X&& x) {
  std::vector<Series> series;
  for (const auto& p : tuning.points) {
    auto at = std::find_if(series.begin(), series.end(), [&](const Series& s) { return s.name == p.factory; });
    if (at == series.end()) at = series.insert(series.end(), Series{p.factory, {}});
    at->points.emplace_back(x(p), p.recall_at_10);
  }
  for (auto& s : series) std::sort(s.points.begin(), s.points.end());
  const auto& best = tuning.chosen();
  series.push_back({"chosen", {{x(best), best.recall_at_10}}});
  ChartOptions options;
  options.title = title;
  options.x_label = x_label;
  options.y_label = "recall@10";
  options.log_x = true;
  return line_chart(series, options);
}

}  // namespace

nlohmann::ordered_json tuning_json(const Tuning& tuning) {
  auto points = nlohmann::ordered_json::array();
  for (const auto& p : tuning.points) {
    points.push_back({{"type", p.type},
                      {"factory", p.factory},
                      {"probe", p.probe},
                      {"recall@10", p.recall_at_10},
                      {"micros", p.micros},
                      {"bytes", p.bytes},
                      {"build_seconds", p.build_seconds},
                      {"fits", p.fits},
                      {"reaches", p.reaches},
                      {"pareto", p.pareto},
                      {"chosen", p.chosen}});
  }
  const auto& best = tuning.chosen();
  return {{"chosen", {{"factory", best.factory}, {"probe", best.probe}, {"recall@10", best.recall_at_10}}},
          {"reason", tuning.reason},
          {"target_recall", tuning.target_recall},
          {"memory", tuning.memory},
          {"vectors", tuning.rows},
          {"queries", tuning.queries},
          {"points", points}};
}

std::string tuning_text(const Tuning& tuning) {
  Table table(kHeader);
  for (const auto& p : tuning.points)
    if (p.pareto || p.chosen) table.add(cells(p));
  return table.text() + "chosen: " + tuning.reason + "\n";
}

void write_tuning_page(const fs::path& file, const Tuning& tuning) {
  HtmlPage page("winnow index tune");
  page.lead({tuning.reason + ".", std::to_string(tuning.queries) + " rows were held out as queries, " +
                                      std::to_string(tuning.measured_rows) + " of " + std::to_string(tuning.rows) +
                                      " rows were indexed; recall is that of winnow's search, which scores candidates "
                                      "again from the exact vectors."});
  page.figures({chart(tuning, "Recall and time", "microseconds a query, one thread",
                      [](const TunePoint& p) { return std::max(p.micros, 1.0); }),
                chart(tuning, "Recall and memory", "MiB of the searchable index",
                      [](const TunePoint& p) { return std::max(double(p.bytes) / (1 << 20), 1e-3); })});
  std::vector<std::vector<std::string>> rows;
  for (const auto& p : tuning.points) rows.push_back(cells(p));
  page.heading("Every point measured");
  page.table(kHeader, rows, "points");
  page.facts({{"FAISS", tuning.faiss_version}, {"model", tuning.model_digest.substr(0, 12)}, {"made", tuning.created}});
  page.write(file);
}

}  // namespace winnow
