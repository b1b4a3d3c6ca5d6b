#include "src/workflow/sweep.h"

#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "data/sampler.h"
#include "src/config/reader.h"
#include "src/core/csv.h"
#include "src/core/error.h"
#include "src/core/json.h"
#include "src/core/log.h"
#include "src/core/tables.h"
#include "src/models/model.h"
#include "src/training/trainer.h"
#include "src/training/training_data.h"
#include "src/workflow/embed_source.h"
#include "src/workflow/evaluate.h"
#include "src/workflow/run_report.h"

namespace winnow {
namespace {

using Json = nlohmann::ordered_json;

Origins read_cell(const Sweep& sweep, const SweepCell& cell, ExperimentConfig& config) {
  ConfigSource source;
  source.file = sweep.recipe;
  source.overrides = cell.settings;
  return read_experiment(source, config);
}

std::string cell_name(const SweepCell& cell) {
  return cell.data + "/" + cell.method + "/seed-" + std::to_string(cell.seed);
}

/// Everything that load_training_data() reads.
std::string data_settings(const ExperimentConfig& config) {
  ExperimentConfig only;
  only.data = config.data;
  if (config.data.val_classes > 0) only.training.seed = config.training.seed;  // it decides which classes
  return write_config(only);
}

/// One budget a data set, or an error that shows who differs. Seeds of a method do not differ.
void check_budgets(const Sweep& sweep, const std::vector<SweepCell>& cells) {
  std::vector<SweepCell> each;
  for (const auto& cell : cells)
    if (each.empty() || each.back().data != cell.data || each.back().method != cell.method) each.push_back(cell);
  const auto budgets = cell_budgets(sweep, each);
  std::map<std::string, size_t> first;  // by data set
  for (size_t i = 0; i < each.size(); ++i) {
    const size_t known = first.try_emplace(each[i].data, i).first->second;
    if (budgets[known] != budgets[i])
      throw Error(ErrorCode::kConfig, "[sweep] equal budgets are required on " + each[i].data + ": " +
                                          each[known].method + " has " + budgets[known] + ", " + each[i].method +
                                          " has " + budgets[i] + " (equal_budgets: false allows it)");
  }
}

std::map<std::string, double> score_model(const Sweep& sweep, const fs::path& model_folder, const fs::path& out,
                                          const std::string& which, const std::string& precision) {
  LoadedModel model = load_model(model_folder);
  EmbedOptions options;
  options.precision = precision;
  const fs::path queries = out / (which + "-queries"), gallery = out / (which + "-gallery");
  embed_source(sweep.queries, model, model_folder, options, queries);
  if (!sweep.gallery.data.empty()) embed_source(sweep.gallery, model, model_folder, options, gallery);
  RetrievalOptions retrieval;
  const auto run = evaluate_folders(queries, sweep.gallery.data.empty() ? fs::path() : gallery, retrieval);
  write_query_csv(out / (which + "-queries.csv"), run, retrieval.ks);
  return run.result.metrics;
}

/// The model folder of the last epoch, which is RUN/model unless an earlier epoch was better.
fs::path last_model(const fs::path& run) { return fs::exists(run / "model-last") ? run / "model-last" : run / "model"; }

SweepRow score_run(const Sweep& sweep, const SweepCell& cell, const TrainResult& result, const std::string& precision) {
  SweepRow row{cell.data, cell.method, cell.told, cell.seed, result.last, result.best, result.seconds};
  if (sweep.evaluate) {
    row.last = score_model(sweep, last_model(cell.folder), cell.folder, "last", precision);
    for (const auto& [name, value] : result.last) row.last.emplace("val." + name, value);
    row.best.clear();
    if (result.best_epoch >= 0)
      row.best = last_model(cell.folder) == cell.folder / "model"
                     ? row.last
                     : score_model(sweep, cell.folder / "model", cell.folder, "best", precision);
  }
  if (!result.epochs.empty())
    for (const auto& [name, value] : result.epochs.back().log) row.last.emplace("train." + name, value);
  return row;
}

Json row_json(const SweepRow& row) {
  Json out = {
      {"data", row.data}, {"method", row.method}, {"told", row.told}, {"seed", row.seed}, {"seconds", row.seconds}};
  out["last"] = row.last;
  out["best"] = row.best;
  return out;
}

SweepRow row_from(const nlohmann::json& json) {
  SweepRow row{json.at("data"), json.at("method"), json.at("told"), json.at("seed"), {}, {}, json.at("seconds")};
  row.last = json.at("last").get<std::map<std::string, double>>();
  row.best = json.at("best").get<std::map<std::string, double>>();
  return row;
}

/// A finished cell's row, when its settings are still the same.
std::optional<SweepRow> finished(const SweepCell& cell, const std::string& config) {
  const fs::path file = cell.folder / "result.json";
  if (!fs::exists(file)) return std::nullopt;
  const auto json = read_json(file);
  if (json.value("config_sha256", "") != sha256_hex(config))
    throw Error(ErrorCode::kUsage, "[sweep] " + cell.folder.string() +
                                       " was run with other settings; move it away or choose another --out");
  return row_from(json.at("row"));
}

SweepRow run_cell(const Sweep& sweep, const SweepCell& cell, const SweepOptions& options) {
  ExperimentConfig config;
  TrainRequest request;
  request.origins = read_cell(sweep, cell, config);
  const std::string text = write_config(config);
  if (const auto row = finished(cell, text)) return *row;
  request.config = &config;
  request.run = cell.folder;
  request.resume = fs::exists(cell.folder / "checkpoints");
  request.command = options.command;
  log_info("sweep: {}", cell_name(cell));
  const TrainResult result = train(request);
  write_run_report(cell.folder);
  const SweepRow row = score_run(sweep, cell, result, config.training.precision);
  write_file_atomically(cell.folder / "result.json",
                        Json{{"config_sha256", sha256_hex(text)}, {"row", row_json(row)}}.dump(1) + "\n");
  return row;
}

}  // namespace

std::vector<std::string> cell_budgets(const Sweep& sweep, const std::vector<SweepCell>& cells) {
  std::vector<std::string> out;
  TrainingData data;
  std::string read;  // what `data` was made from
  for (const auto& cell : cells) {
    ExperimentConfig config;
    read_cell(sweep, cell, config);
    if (const std::string wanted = data_settings(config); wanted != read) {
      data = load_training_data(config);
      read = wanted;
    }
    out.push_back(config.model.backbone + " at " + std::to_string(config.data.size) + " px, " +
                  std::to_string(make_sampler(config, data)->batches_per_epoch() * config.training.epochs) +
                  " steps of " + std::to_string(config.training.batch));
  }
  return out;
}

std::vector<SweepCell> chosen_cells(const Sweep& sweep, const std::string& only) {
  std::vector<SweepCell> out;
  for (const auto& cell : sweep.cells)
    if (only.empty() || cell_name(cell).find(only) != std::string::npos) out.push_back(cell);
  if (out.empty())
    throw Error(ErrorCode::kUsage,
                "[sweep] --only " + only + " must name a run such as " + cell_name(sweep.cells.front()));
  return out;
}

std::vector<SweepRow> run_sweep(const Sweep& sweep, const fs::path& out, const SweepOptions& options) {
  const auto cells = chosen_cells(sweep, options.only);
  if (sweep.equal_budgets) check_budgets(sweep, cells);
  SweepResults results{sweep.name, sweep.baseline, sweep.metrics, {}};
  for (const auto& cell : cells) {
    results.rows.push_back(run_cell(sweep, cell, options));
    write_sweep_results(out, results);
  }
  return results.rows;
}

SweepResults read_sweep_results(const fs::path& out) {
  const auto json = read_json(out / "results.json");
  try {
    SweepResults results{json.at("name"), json.at("baseline"), json.at("metrics").get<std::vector<std::string>>(), {}};
    for (const auto& row : json.at("rows")) results.rows.push_back(row_from(row));
    return results;
  } catch (const nlohmann::json::exception& e) {
    throw Error(ErrorCode::kData, "[sweep] " + (out / "results.json").string() + ": " + e.what());
  }
}

SweepResults merge_sweeps(const std::vector<fs::path>& folders) {
  SweepResults all = read_sweep_results(folders.at(0));
  std::set<std::tuple<std::string, std::string, int64_t>> known;
  for (const auto& row : all.rows) known.emplace(row.data, row.method, row.seed);
  for (size_t i = 1; i < folders.size(); ++i)
    for (auto more = read_sweep_results(folders[i]); auto& row : more.rows) {
      if (!known.emplace(row.data, row.method, row.seed).second)
        throw Error(ErrorCode::kData, "[compare] " + folders[i].string() + ": " + row.data + "/" + row.method +
                                          "/seed-" + std::to_string(row.seed) + " is in an earlier folder too");
      all.rows.push_back(std::move(row));
    }
  return all;
}

void write_sweep_results(const fs::path& out, const SweepResults& results) {
  make_folder(out);
  Json rows = Json::array();
  std::string csv = csv_line({"data", "method", "told", "seed", "epoch", "metric", "value"});
  for (const auto& row : results.rows) {
    rows.push_back(row_json(row));
    for (const auto& [which, metrics] : {std::pair{"last", &row.last}, std::pair{"best", &row.best}})
      for (const auto& [name, value] : *metrics)
        csv +=
            csv_line({row.data, row.method, row.told, std::to_string(row.seed), which, name, format_number(value, 6)});
  }
  const Json json = {
      {"name", results.name}, {"baseline", results.baseline}, {"metrics", results.metrics}, {"rows", rows}};
  write_file_atomically(out / "results.json", json.dump(1) + "\n");
  write_file_atomically(out / "results.csv", csv);
  const auto lines = summarise_sweep(results.rows, results.baseline);
  const auto cells = sweep_cells(lines, results.metrics);
  std::string table = csv_line(cells.header);
  for (const auto& line : cells.rows) table += csv_line(line);
  write_file_atomically(out / "table.csv", table);
  write_file_atomically(out / "table.tex", sweep_tex(lines, results.metrics));
  write_sweep_page(out / "report.html", results.name, results.rows, lines, results.metrics);
}

}  // namespace winnow
