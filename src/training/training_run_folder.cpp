#include <nlohmann/json.hpp>
#include <sstream>

#include "src/config/reader.h"
#include "src/core/clock.h"
#include "src/core/error.h"
#include "src/core/log.h"
#include "src/core/parallel.h"
#include "src/tensor/device.h"
#include "src/training/records.h"
#include "src/training/training_run.h"
#include "src/training/trust_file.h"

namespace winnow {
namespace {

constexpr int kCheckpointFormat = 1;

/// Says which settings differ from those the run was started with; a changed setting is allowed but must be seen.
void warn_changed_settings(const fs::path& file, ExperimentConfig& now) {
  if (!fs::exists(file)) return;
  try {
    ExperimentConfig before;
    read_experiment({file, {}}, before);
    for (const auto& difference : config_differences(before, now))
      log_warning("[train] resumed with another setting than the run was started with: {}", difference);
  } catch (const Error& error) {
    log_warning("[train] the settings that the run was started with cannot be read: {}", error.what());
  }
}

at::Tensor find_tensor(const NamedTensors& tensors, const std::string& name) {
  for (const auto& [key, tensor] : tensors)
    if (key == name) return tensor;
  return {};
}

NamedTensors prefixed(const std::string& prefix, const NamedTensors& tensors) {
  NamedTensors out;
  for (const auto& [name, tensor] : tensors) out.emplace_back(prefix + name, tensor);
  return out;
}

}  // namespace

void TrainingRun::check_same_data(const nlohmann::json& state) const {
  const auto items = static_cast<int64_t>(data_.train.items.size());
  if (state.at("manifest_digest") == data_.train.digest && state.at("items") == items &&
      state.at("label_names") == data_.train.label_names && state.at("steps_per_epoch") == steps_per_epoch_)
    return;
  throw Error(ErrorCode::kMismatch,
              "[train] to resume, the training pictures, labels and batches must be those of the checkpoint (" +
                  state.at("items").dump() + " pictures, " + std::to_string(state.at("label_names").size()) +
                  " classes, " + state.at("steps_per_epoch").dump() + " steps an epoch), got " + std::to_string(items) +
                  " pictures, " + std::to_string(data_.train.classes()) + " classes, " +
                  std::to_string(steps_per_epoch_) + " steps of another or changed manifest");
}

void TrainingRun::restore() {
  const auto state = nlohmann::json::parse(saved_->json);
  if (state.at("format") != kCheckpointFormat)
    throw Error(ErrorCode::kMismatch, "[train] a checkpoint of format " + std::to_string(kCheckpointFormat) +
                                          " is required, got " + state.at("format").dump());
  check_same_data(state);
  if (state.at("threads") != thread_count())
    log_warning("[train] the checkpoint was made with {} threads, now {}: results may differ in the last bits",
                state.at("threads").dump(), thread_count());
  step_.load_state(saved_->tensors);
  for (const auto& epoch : state.at("history")) history_.push_back(from_record(epoch));
  epoch_ = state.at("epoch");
  step_in_epoch_ = state.at("step_in_epoch");
  sampler_trust_ = find_tensor(saved_->tensors, "sampler.trust");
  meter_.restore(state.at("meter"), find_tensor(saved_->tensors, "meter.sample"));
  watch_.set_streak(state.at("collapse_streak"));
  saved_.reset();
  log_info("[train] resumed after epoch {} and {} steps", epoch_, step_in_epoch_);
}

void TrainingRun::save_last() {
  nlohmann::json state = {{"format", kCheckpointFormat},
                          {"winnow_version", WINNOW_VERSION},
                          {"epoch", epoch_},
                          {"step_in_epoch", step_in_epoch_},
                          {"steps_per_epoch", steps_per_epoch_},
                          {"meter", meter_.numbers()},
                          {"collapse_streak", watch_.streak()},
                          {"precision", precision_},
                          {"threads", thread_count()},
                          {"manifest_digest", data_.train.digest},
                          {"items", data_.train.items.size()},
                          {"label_names", data_.train.label_names},
                          {"config", write_config(config_)},
                          {"history", nlohmann::json::array()}};
  for (const auto& epoch : history_) state["history"].push_back(nlohmann::json(to_record(epoch)));
  NamedTensors tensors = step_.state();
  if (const auto sample = meter_.sample(); sample.defined()) tensors.emplace_back("meter.sample", sample);
  if (sampler_trust_.defined()) tensors.emplace_back("sampler.trust", sampler_trust_);
  write_checkpoint(request_.run / "checkpoints", "last", {std::move(tensors), state.dump()});
  if (const auto table = step_.trust_table()) write_trust(request_.run / "trust.csv", data_, *table);
  if (const auto* dynamics = step_.dynamics()) dynamics->write(request_.run / "dynamics.csv", data_);
}

void TrainingRun::save_best() {
  const nlohmann::json state = {{"format", kCheckpointFormat}, {"record", nlohmann::json(to_record(history_.back()))}};
  write_checkpoint(request_.run / "checkpoints", "best",
                   {prefixed("model.", step_.shown_model().state()), state.dump()});
}

nlohmann::ordered_json TrainingRun::start_record() {
  return {{"type", "start"},
          {"time", utc_now()},
          {"name", config_.name},
          {"first_step", global_step()},
          {"epochs", config_.training.epochs},
          {"steps_per_epoch", steps_per_epoch_},
          {"batch", config_.training.batch},
          {"images", data_.train.items.size()},
          {"classes", data_.train.classes()},
          {"validation_images", data_.val.items.size()},
          {"validation", !validator_                   ? "none"
                         : data_.val_has_train_classes ? "against train"
                                                       : "leave one out"},
          {"select", config_.training.select},
          {"parameters", step_.model().parameter_count()},
          {"device", compute_.device},
          {"precision", precision_},
          {"threads", thread_count()},
          {"seed", config_.training.seed}};
}

nlohmann::ordered_json TrainingRun::facts() const {
  return {{"name", config_.name},
          {"winnow_version", WINNOW_VERSION},
          {"libraries",
           {{"torch", torch_version()},
            {"blas", torch_blas_name()},
            {"cpu_capability", torch_cpu_capability()},
            {"compiler", __VERSION__}}},
          {"config_sha256", sha256_hex(write_config(config_))},
          {"manifest", config_.data.train},
          {"manifest_sha256", data_.train.digest},
          {"validation_sha256", data_.val.digest},
          {"seed", config_.training.seed},
          {"device", compute_.device},
          {"precision", precision_},
          {"threads", thread_count()}};
}

/// Start records of earlier sessions, the epochs up to the checkpoint, then this session's start record.
void TrainingRun::rewrite_metrics() {
  const fs::path file = request_.run / "metrics.jsonl";
  std::string text;
  if (fs::exists(file)) {
    std::istringstream lines(read_file(file));
    for (std::string line; std::getline(lines, line);)
      if (const auto record = nlohmann::json::parse(line, nullptr, false);
          record.is_object() && record.value("type", "") == "start" &&
          record.value("first_step", int64_t{0}) <= global_step())
        text += line + "\n";
  }
  for (const auto& epoch : history_) text += to_record(epoch).dump() + "\n";
  write_file_atomically(file, text + start_record().dump() + "\n");
}

void TrainingRun::open_folder() {
  const fs::path& run = request_.run;
  if (request_.resume) warn_changed_settings(run / "config.yaml", config_);
  write_file_atomically(run / "config.yaml", write_config(config_, &request_.origins));
  make_folder(run / "checkpoints");
  rewrite_metrics();
  metrics_.open(run / "metrics.jsonl", std::ios::app);
  events_ = std::make_unique<EventFile>(run, global_step());
  provenance_ = std::make_unique<Provenance>(run / "provenance.json", request_.command, facts());
}

void TrainingRun::record(const EpochReport& report) {
  metrics_ << to_record(report).dump() << std::endl;
  if (!metrics_)
    throw Error(ErrorCode::kDevice,
                "[train] cannot write " + (request_.run / "metrics.jsonl").string() + ": is the disk full?");
  events_->add(report.step, event_scalars(report));
  log_info("{}", epoch_line(report, config_.training.epochs, config_.training.select));
}

fs::path TrainingRun::save_final_model(const TrainResult& result) {
  auto model = step_.shown_model().clone();
  // The last epoch's model is kept too where another was better: honest tables show both.
  const fs::path last = request_.run / "model-last";
  if (result.best_epoch >= 0 && result.best_epoch != epoch_) save_card_and_model(last, *model->clone(), result.last);
  if (result.best_epoch >= 0)
    if (const auto best = read_checkpoint(request_.run / "checkpoints", "best"))
      restore_tensors("best checkpoint", model->state(), best->tensors, "model.");
  const fs::path folder = request_.run / "model";
  save_card_and_model(folder, *model, result.best_epoch >= 0 ? result.best : result.last);
  return folder;
}

void TrainingRun::save_card_and_model(const fs::path& folder, EmbeddingModel& model,
                                      const std::map<std::string, double>& metrics) const {
  model.train(false);
  ModelCard card;
  card.name = config_.name;
  card.created = utc_now();
  card.winnow_version = WINNOW_VERSION;
  card.training_data = config_.data.train + " (sha256 " + data_.train.digest + ")";
  card.config_yaml = write_config(config_);
  card.dim = model.dim();
  card.preprocessing_digest = model.preprocessing().digest();
  for (const auto& [name, value] : metrics) card.metrics.emplace_back("val." + name, value);
  ModelOptions options = config_.model;
  options.weights.clear();
  save_model(folder, model, options, card);
}

std::string TrainingRun::resume_command() const {
  std::vector<std::string> words = request_.command;
  if (words.empty())
    words = {"winnow", "train", (request_.run / "config.yaml").string(), "--out", request_.run.string()};
  for (const auto& word : words)
    if (word == "--resume") return shell_line(words);
  words.push_back("--resume");
  return shell_line(words);
}

}  // namespace winnow
