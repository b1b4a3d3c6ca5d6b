#include "src/training/training_run.h"

#include <ATen/core/Tensor.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "src/core/error.h"
#include "src/core/interrupt.h"
#include "src/core/log.h"
#include "src/core/progress.h"
#include "src/core/tables.h"
#include "src/tensor/device.h"
#include "src/training/records.h"

namespace winnow {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The folder, ready to be locked; an older run in it is only touched when a resume was asked for.
fs::path claim_folder(const TrainRequest& request) {
  if (!request.resume && fs::exists(request.run / "metrics.jsonl"))
    throw Error(ErrorCode::kUsage, "[train] a folder without a run is required, " + request.run.string() +
                                       " holds one: add --resume to continue it, or choose another folder");
  make_folder(request.run);
  return request.run;
}

/// A resumed run keeps the precision it started with, since a probe may answer differently the next time.
std::string choose_precision(const TrainingOptions& options, const std::string& device,
                             const std::optional<Checkpoint>& saved) {
  if (options.precision == "auto" && saved) return nlohmann::json::parse(saved->json).at("precision");
  return probe_precision(options.precision, device).chosen;
}

std::unique_ptr<Sampler> sampler_with_batches(const ExperimentConfig& config, const TrainingData& data) {
  auto sampler = make_sampler(config, data);
  if (sampler->batches_per_epoch() == 0)
    throw Error(ErrorCode::kData, "[train] " + std::to_string(data.train.items.size()) + " pictures make no batch of " +
                                      std::to_string(config.training.batch) + ": lower training.batch");
  return sampler;
}

}  // namespace

TrainingRun::TrainingRun(const TrainRequest& request)
    : request_(request),
      config_(*request.config),
      data_(load_training_data(config_)),
      lock_(claim_folder(request)),
      saved_(request.resume ? read_checkpoint(request.run / "checkpoints", "last") : std::nullopt),
      compute_{resolve_device(config_.training.device), false},
      precision_(choose_precision(config_.training, compute_.device, saved_)),
      sampler_(sampler_with_batches(config_, data_)),
      augmentation_(config_.augment),
      loader_(data_.train, make_loader_options(config_.data, compute_.device, true), augmentation_, *sampler_,
              static_cast<uint64_t>(config_.training.seed)),
      steps_per_epoch_(loader_.batches()),
      step_(config_, data_, Compute{compute_.device, precision_ == "bf16"}, steps_per_epoch_),
      watch_(config_.training.collapse_distance, steps_per_epoch_) {
  compute_.bf16 = precision_ == "bf16";
  if (!data_.val.items.empty() && config_.training.validate_every > 0)
    validator_ = std::make_unique<Validator>(data_, config_, compute_);
  if (saved_) restore();
  for (const auto& note : data_.notes) log_warning("[train] {}", note);
  for (const auto& warning : config_warnings(config_)) log_warning("[train] {}", warning);
  if (epoch_ == 0 && step_in_epoch_ == 0)
    log_info("[train] {}", epoch_coverage(*sampler_, 0, make_sampler_context(data_, config_.training)).text());
  open_folder();
}

bool TrainingRun::done() const {
  if (epoch_ >= config_.training.epochs) return true;
  if (config_.training.early_stop == 0) return false;
  const int64_t best = summarise_run(history_, config_.training.select).best_epoch;
  int64_t stale = 0;
  for (const auto& report : history_) stale += best >= 0 && report.epoch > best && !report.validation.empty();
  return stale >= config_.training.early_stop;
}

TrainResult TrainingRun::run() {
  while (!done()) {
    train_epoch();
    end_epoch();
  }
  TrainResult result = summarise_run(history_, config_.training.select);
  result.model_folder = save_final_model(result);
  return result;
}

void TrainingRun::end(const std::string& status, int exit_code, const std::string& message) {
  provenance_->end(status, exit_code, message);
}

void TrainingRun::follow_trust() {
  if (!sampler_->follows_trust()) return;
  if (step_in_epoch_ == 0)
    if (const auto table = step_.trust_table()) sampler_trust_ = table->trust.to(at::kCPU, at::kFloat).clone();
  if (!sampler_trust_.defined()) return;
  const float* trust = sampler_trust_.data_ptr<float>();
  sampler_->follow({trust, trust + sampler_trust_.numel()});
}

void TrainingRun::train_epoch() {
  if (step_in_epoch_ >= steps_per_epoch_) return;
  const auto start = std::chrono::steady_clock::now();
  const int64_t step_images = config_.training.batch * views_per_picture(config_);
  Progress progress("epoch " + std::to_string(epoch_ + 1) + "/" + std::to_string(config_.training.epochs),
                    steps_per_epoch_ * step_images, "images");
  progress.add(step_in_epoch_ * step_images);
  follow_trust();
  loader_.start(epoch_, step_in_epoch_);
  ImageBatch batch;
  while (loader_.next(batch)) {
    const int64_t step = global_step();
    ++step_in_epoch_;
    // Batch norm needs two; only unreadable pictures make a batch that small.
    if (batch.size < 2) continue;
    const StepReport report = step_.run(batch, step, epoch_);
    meter_.add(report);
    if (watch_.collapsed(step, report.pair_distance))
      fail_collapsed({epoch_, step, batch.rows, report.learning_rate}, report.pair_distance,
                     config_.training.collapse_distance, step_.rewriting_policy());
    progress.add(batch.size);
    progress.note("loss " + format_number(meter_.mean_loss(), 4));
    if (!interrupted()) continue;
    meter_.add_time(seconds_since(start), loader_.stats().wait_seconds);
    stop_cleanly();
  }
  step_in_epoch_ = steps_per_epoch_;
  meter_.add_time(seconds_since(start), loader_.stats().wait_seconds);
}

bool TrainingRun::validates() const {
  const int64_t epoch = epoch_ + 1;
  return validator_ && (epoch % config_.training.validate_every == 0 || epoch == config_.training.epochs);
}

void TrainingRun::validate(EpochReport& report) {
  const auto start = std::chrono::steady_clock::now();
  auto& model = step_.shown_model();
  const bool training = model.is_training();
  model.train(false);
  try {
    report.validation = validator_->run(model, step_.classifier());
  } catch (const Error& error) {
    model.train(training);
    if (error.code() == ErrorCode::kInterrupted) stop_cleanly();
    throw;
  }
  model.train(training);
  report.seconds += seconds_since(start);
}

void TrainingRun::end_epoch() {
  EpochReport report;
  report.epoch = epoch_ + 1;
  report.step = global_step();
  meter_.fill(report);
  step_.end_epoch(epoch_);
  if (validates()) validate(report);
  history_.push_back(report);
  ++epoch_;
  step_in_epoch_ = 0;
  meter_ = {};
  if (!report.validation.empty() && summarise_run(history_, config_.training.select).best_epoch == report.epoch)
    save_best();
  if (done() || epoch_ % config_.training.checkpoint_every == 0) save_last();
  record(report);
}

void TrainingRun::stop_cleanly() {
  const int64_t step = step_in_epoch_;
  save_last();
  throw Error(ErrorCode::kInterrupted, "[train] stopped in epoch " + std::to_string(epoch_ + 1) + " after step " +
                                           std::to_string(step) + " of " + std::to_string(steps_per_epoch_) +
                                           "; everything is saved. Resume with: " + resume_command());
}

}  // namespace winnow
