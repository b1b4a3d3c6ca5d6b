#include "src/workflow/loop_parts.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

#include "data/sampler.h"
#include "data/samplers.h"
#include "src/core/error.h"
#include "src/core/json.h"
#include "src/core/tables.h"
#include "src/core/text.h"
#include "src/evaluation/compare.h"
#include "src/training/trainer.h"
#include "src/training/training_data.h"
#include "src/workflow/embed_source.h"
#include "src/workflow/pictures.h"
#include "src/workflow/run_report.h"

namespace winnow {
namespace {

int64_t batches_of(const ExperimentConfig& config) {
  return make_sampler(config, load_training_data(config))->batches_per_epoch();
}

/// A smaller set must not mean less training: then a repair would be measured by its size.
void keep_steps(ExperimentConfig& config, const ExperimentConfig& given) {
  if (config.sampler.name == "plain") {
    const auto options = member_options(given.sampler, sampler_family());
    auto plain = std::make_shared<PlainSamplerOptions>(dynamic_cast<const PlainSamplerOptions&>(*options));
    if (plain->items == 0) plain->items = static_cast<int64_t>(load_training_data(given).train.items.size());
    config.sampler.options = plain;
    return;
  }
  const auto wanted = static_cast<double>(batches_of(given) * given.training.epochs);
  const auto batches = static_cast<double>(std::max<int64_t>(1, batches_of(config)));
  config.training.epochs = std::max<int64_t>(1, std::llround(wanted / batches));
}

std::map<int64_t, std::string> labels_by_row(const Dataset& dataset) {
  std::map<int64_t, std::string> out;
  for (const auto& item : dataset.items)
    if (item.label >= 0) out[item.row] = dataset.label_names[static_cast<size_t>(item.label)];
  return out;
}

Dataset read_manifest(const fs::path& manifest) {
  DataSource source;
  source.data = manifest.string();
  return read_dataset(source);
}

double share(int64_t hits, int64_t of) { return of > 0 ? static_cast<double>(hits) / static_cast<double>(of) : 1; }

}  // namespace

LoopRecipe loop_recipe(const LoopRequest& request, bool robust) {
  ConfigSource source = request.recipe;
  const bool named = std::any_of(source.overrides.begin(), source.overrides.end(),
                                 [](const std::string& word) { return word.starts_with("recipe="); });
  if (robust && !named) source.overrides.push_back("recipe=robust");
  LoopRecipe out;
  out.origins = read_experiment(source, out.config);
  // Its validation labels are as doubtful as the rest, and the gain is measured on a set of its own.
  auto& data = out.config.data;
  data.val.clear();
  data.val_where.clear();
  data.val_label.clear();
  data.val_classes = 0;
  out.config.training.validate_every = 0;
  out.config.training.early_stop = 0;
  return out;
}

void train_on_repaired(LoopRecipe& recipe, const fs::path& manifest, const ExperimentConfig& given) {
  auto& data = recipe.config.data;
  data.train = absolute_path(manifest.string());
  data.label.clear();
  data.path_column.clear();
  data.where.clear();
  keep_steps(recipe.config, given);
  for (const char* key :
       {"data.train", "data.label", "data.path_column", "data.where", "training.epochs", "sampler.items"})
    recipe.origins[key] = "winnow loop";
}

void check_loop(const LoopRequest& request, const LoopRecipe& given) {
  const auto usage = [](bool right, const std::string& what) {
    if (!right) throw Error(ErrorCode::kUsage, "[loop] " + what);
  };
  const auto& t = request.thresholds;
  usage(!request.out.empty(), "--out FOLDER is required: the folder of all steps");
  usage(request.rounds >= 1 && request.rounds <= 5,
        "1 to 5 rounds are possible, got " + std::to_string(request.rounds));
  usage(t.accept > 0.5 && t.accept <= 1,
        "a confidence above 0.5 and up to 1 is required, got " + format_number(t.accept, 3));
  usage(t.doubt > 0 && t.doubt <= 2,
        "a score above 0 is required (above 1: leave none out), got " + format_number(t.doubt, 3));
  usage(request.final_recipe == "robust" || request.final_recipe == "plain",
        "robust or plain is required, got " + request.final_recipe);
  usage(!request.queries.data.empty(),
        "a held-out clean set is required to measure the gain: --queries DATA [--gallery DATA]");
  usage(!request.metrics.empty(), "at least one metric is required");
  for (const auto& metric : request.metrics) explain_metric(metric);
  load_training_data(given.config);
  if (read_dataset(request.queries).classes() == 0)
    throw Error(ErrorCode::kData, "[loop] " + request.queries.data + ": queries with a label are required, got none");
  if (!request.gallery.data.empty()) read_dataset(request.gallery);
}

std::string loop_settings_digest(const LoopRequest& request) {
  LoopRecipe plain = loop_recipe(request, false), robust = loop_recipe(request, true);
  std::string text = write_config(plain.config) + "\n" + write_config(robust.config) + "\n" + request.final_recipe +
                     "\n" + format_number(request.thresholds.accept, 6) + " " +
                     format_number(request.thresholds.doubt, 6) + " " + std::to_string(request.thresholds.least) +
                     "\n" + source_to_text(request.queries) + "\n";
  if (!request.gallery.data.empty()) text += source_to_text(request.gallery);
  return sha256_hex(text + "\n" + read_dataset(training_source(plain.config.data)).digest);
}

double loop_training(const LoopRequest& request, LoopRecipe& recipe, const DataSource& given, const fs::path& run) {
  const fs::path done = run / "step.json";
  if (fs::exists(done)) return read_json(done).at("seconds").get<double>();
  TrainRequest training;
  training.config = &recipe.config;
  training.origins = recipe.origins;
  training.run = run;
  training.resume = true;
  training.command = request.command;
  const TrainResult result = train(training);
  write_run_report(run);
  const auto start = std::chrono::steady_clock::now();
  const fs::path folder = run / "model";
  LoadedModel model = load_model(folder);
  EmbedOptions options;
  options.precision = recipe.config.training.precision;
  embed_source(given, model, folder, options, run / "embeddings");
  embed_source(request.queries, model, folder, options, run / "queries");
  if (!request.gallery.data.empty()) embed_source(request.gallery, model, folder, options, run / "gallery");
  const double seconds =
      result.seconds + std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  write_json_atomically(done, nlohmann::json{{"seconds", seconds}});
  return seconds;
}

EvaluationRun measure_loop_model(const LoopRequest& request, const fs::path& run) {
  RetrievalOptions options;
  options.keep_hits = 1;
  options.bootstrap = 0;
  return evaluate_folders(run / "queries", request.gallery.data.empty() ? fs::path() : run / "gallery", options);
}

void fill_metrics(LoopStep& step, const LoopRequest& request, const EvaluationRun& run, const EvaluationRun* base) {
  const auto& all = run.result.metrics;
  for (const auto& metric : request.metrics) {
    step.metrics[metric] = all.at(metric);
    if (base == nullptr) continue;
    const auto d = paired_difference(base->result, run.result, metric, RetrievalOptions{}.ks);
    step.gain[metric] = {d.difference, d.interval.low, d.interval.high};
  }
}

LoopLabels::LoopLabels(const DataSource& source, const std::string& key) {
  const Dataset dataset = read_dataset(source);
  given_ = labels_by_row(dataset);
  if (key.empty()) return;
  for (const auto& item : dataset.items) {
    const auto at =
        std::find_if(item.columns.begin(), item.columns.end(), [&](const auto& column) { return column.first == key; });
    if (at == item.columns.end()) {
      std::vector<std::string> names;
      for (const auto& column : item.columns) names.push_back(column.first);
      throw Error(ErrorCode::kData, "[loop] the column '" + key + "' of true labels is required in " + source.data +
                                        "; its further columns: " + join(names, ", "));
    }
    if (!at->second.empty()) truth_[item.row] = at->second;
  }
}

void LoopLabels::fill(LoopStep& step, const fs::path& manifest) const {
  const auto labels = manifest.empty() ? given_ : labels_by_row(read_manifest(manifest));
  int64_t wrong = 0, known = 0, relabelled_right = 0, dropped_right = 0;
  step.rows = static_cast<int64_t>(labels.size());
  for (const auto& [row, given] : given_) {
    const auto now = labels.find(row);
    const auto truth = truth_.find(row);
    const bool told = truth != truth_.end();
    if (now == labels.end()) {
      ++step.dropped;
      dropped_right += told && given != truth->second;
      continue;
    }
    const bool right = told && now->second == truth->second;
    known += told;
    wrong += told && !right;
    if (now->second == given) continue;
    ++step.relabelled;
    relabelled_right += right;
  }
  if (!truth_.empty())
    step.truth = LoopTruth{known > 0 ? share(wrong, known) : 0, share(relabelled_right, step.relabelled),
                           share(dropped_right, step.dropped)};
}

std::set<int64_t> LoopLabels::untouched(const fs::path& manifest) const {
  std::set<int64_t> out;
  for (const auto& [row, label] : labels_by_row(read_manifest(manifest)))
    if (const auto at = given_.find(row); at != given_.end() && at->second == label) out.insert(row);
  return out;
}

}  // namespace winnow
