#include "src/workflow/demo.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "data/catalogue.h"
#include "src/core/json.h"
#include "src/core/log.h"
#include "src/core/progress.h"
#include "src/core/tables.h"
#include "src/workflow/demo_steps.h"
#include "src/workflow/query_engine.h"
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

std::string summary_text(const EvaluationRun& plain, const EvaluationRun& seccnn, const QueryAnswer& first) {
  Table table({"unseen classes", "plain", "seccnn"});
  for (const char* name : {"recall@1", "recall@5", "map@r", "ap.finite"})
    table.add(
        {name, format_number(plain.result.metrics.at(name), 4), format_number(seccnn.result.metrics.at(name), 4)});
  std::string text = table.text() + "first search: " + first.source + "\n";
  for (const auto& hit : first.hits)
    text += "  " + std::to_string(hit.rank) + "  " + format_number(hit.score, 3) + "  " + hit.label + "  " + hit.path +
            "\n";
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
  const DemoSide plain{"plain", folder / "plain"}, seccnn{"seccnn", folder / "seccnn"};
  for (const auto* side : {&plain, &seccnn}) {
    prepare_side(*side, options);
    write_run_report(side->run());
  }
  const EvaluationRun plain_run = evaluate_side(plain), seccnn_run = evaluate_side(seccnn);
  const std::string query = (catalogue / seccnn_run.queries.items().at(0).path).string();
  SearchOptions search;
  search.k = 5;
  const QueryAnswer first = QueryEngine(seccnn.index(), seccnn.model()).by_image(query, search);
  DemoResult result;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.report = write_demo_page(options, plain, plain_run, seccnn, seccnn_run, query, result.seconds);
  result.plain = plain_run.result.metrics;
  result.seccnn = seccnn_run.result.metrics;
  result.query = query;
  if (!first.hits.empty()) result.first_hit = first.hits[0].path;
  result.summary = summary_text(plain_run, seccnn_run, first) + "whole demo " + format_duration(result.seconds) + "\n";
  return result;
}

}  // namespace winnow
