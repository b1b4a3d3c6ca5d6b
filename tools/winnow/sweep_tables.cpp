#include "tools/winnow/sweep_tables.h"

#include "src/core/tables.h"

namespace winnow::cli {

void print_sweep(const SweepResults& results, const std::string& folder, const Session& session) {
  const auto cells = sweep_cells(summarise_sweep(results.rows, results.baseline), results.metrics);
  const std::string report = folder.empty() ? "" : (fs::path(folder) / "report.html").string();
  if (session.json) {
    nlohmann::ordered_json json = {{"baseline", results.baseline}, {"header", cells.header}, {"rows", cells.rows}};
    if (!report.empty()) json["report"] = report;
    return print_json(json);
  }
  Table table(cells.header);
  for (const auto& row : cells.rows) table.add(row);
  print(table.text() + (report.empty() ? "" : "report " + report + "\n"));
}

}  // namespace winnow::cli
