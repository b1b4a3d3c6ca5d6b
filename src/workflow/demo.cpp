#include "src/workflow/demo.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "data/catalogue.h"
#include "src/core/json.h"
#include "src/core/log.h"
#include "src/core/progress.h"
#include "src/core/tables.h"
#include "src/workflow/demo_steps.h"
#include "src/workflow/run_report.h"

namespace winnow {
namespace {

// Results of other settings must not be taken for this run's.
void keep_only_same_settings(const DemoOptions& options) {
  const nlohmann::ordered_json wanted = {
      {"epochs", options.epochs}, {"noise", options.noise}, {"seed", options.seed}, {"winnow", WINNOW_VERSION}};
  const fs::path file = fs::path(options.out) / "settings.json";
  const bool same = fs::exists(file) && nlohmann::ordered_json(read_json(file)) == wanted;
  if (options.fresh || !same)
    for (const char* part : {"plain", "seccnn"}) fs::remove_all(fs::path(options.out) / part);
  make_folder(options.out);
  write_json_atomically(file, wanted);
}

std::string summary_text(const DemoOutcome& plain, const DemoOutcome& seccnn) {
  Table table({"unseen classes", "plain", "seccnn"});
  for (const char* name : {"recall@1", "recall@5", "map@r", "ap.finite"})
    table.add({name, format_number(plain.run.result.metrics.at(name), 4),
               format_number(seccnn.run.result.metrics.at(name), 4)});
  std::string text = table.text() + "first search: " + seccnn.first.source + "\n";
  for (const auto& hit : seccnn.first.hits)
    if (hit.rank <= 5)
      text += "  " + std::to_string(hit.rank) + "  " + format_number(hit.score, 3) + "  " + hit.label + "  " +
              hit.path + "\n";
  return text;
}

}  // namespace

DemoResult run_demo(const DemoOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  keep_only_same_settings(options);
  const fs::path folder = options.out, catalogue = folder / "catalogue";
  log_info("demo: drawing the catalogue in {}", catalogue.string());
  CatalogueOptions drawing;
  drawing.classes = 160;
  drawing.per_class = 20;
  drawing.query_per_class = 6;
  drawing.noise = options.noise;
  drawing.seed = options.seed;
  make_catalogue(catalogue, drawing);
  const DemoSide plain_side{"plain", folder / "plain"}, seccnn_side{"seccnn", folder / "seccnn"};
  for (const auto* side : {&plain_side, &seccnn_side}) {
    prepare_side(*side, options);
    write_run_report(side->run());
  }
  const std::string query = (catalogue / Embeddings::open(plain_side.queries()).items().at(0).path).string();
  const DemoOutcome plain = measure_side(plain_side, query), seccnn = measure_side(seccnn_side, query);
  DemoResult result;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.report = write_demo_page(options, plain, seccnn, result.seconds);
  result.plain = plain.run.result.metrics;
  result.seccnn = seccnn.run.result.metrics;
  result.query = query;
  if (!seccnn.first.hits.empty()) result.first_hit = seccnn.first.hits[0].path;
  result.summary = summary_text(plain, seccnn) + "whole demo " + format_duration(result.seconds) + "\n";
  return result;
}

}  // namespace winnow
