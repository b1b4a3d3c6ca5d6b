#include "src/training/step.h"

#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/grad_mode.h>

#include <cmath>

#include "src/core/error.h"
#include "src/core/random.h"
#include "src/tensor/device.h"
#include "src/training/watchdog.h"

namespace winnow {
namespace {

at::Tensor index_tensor(const std::vector<int64_t>& values, at::Device device) {
  return at::tensor(at::ArrayRef<int64_t>(values), at::kLong).to(device);
}

/// The same batch without the graph, for members that look at it after the update.
LossBatch detached(const LossBatch& batch) {
  LossBatch out = batch;
  out.raw = batch.raw.detach();
  out.z = batch.z.detach();
  return out;
}

/// Manifest rows whose embedding is not finite; all of the batch when the fault lies elsewhere.
std::vector<int64_t> suspicious_rows(const ImageBatch& images, const at::Tensor& raw) {
  const auto finite = at::isfinite(raw.detach()).all(1).to(at::kCPU);
  std::vector<int64_t> rows;
  for (int64_t i = 0; i < images.size; ++i)
    if (!finite[i].item<bool>()) rows.push_back(images.rows[static_cast<size_t>(i)]);
  return rows.empty() ? images.rows : rows;
}

}  // namespace

AutocastGuard::AutocastGuard(bool on, at::DeviceType device) : on_(on), device_(device) {
  if (!on_) return;
  before_ = at::autocast::is_autocast_enabled(device_);
  at::autocast::set_autocast_enabled(device_, true);
  at::autocast::set_autocast_dtype(device_, at::kBFloat16);
  at::autocast::increment_nesting();
}

AutocastGuard::~AutocastGuard() {
  if (!on_) return;
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  at::autocast::set_autocast_enabled(device_, before_);
}

at::Tensor normalize_rows(const at::Tensor& raw) {
  const auto x = raw.to(at::kFloat);
  return x / x.norm(2, {1}, true).clamp_min(1e-12);
}

LossBatch TrainStep::forward(const ImageBatch& batch, int64_t step, int64_t epoch) {
  // Torch only reads the pixels; the loader's buffer outlives the step.
  auto* pixels = const_cast<uint8_t*>(batch.pixels.data());
  const auto images = wrap_nhwc(pixels, batch.size, batch.height, batch.width).to(device_);
  LossBatch out;
  {
    const AutocastGuard autocast(compute_.bf16, device_.type());
    out.raw = model_->forward(images).to(at::kFloat);
    if (needs_teacher_) {
      const at::NoGradGuard no_grad;
      out.raw_teacher = ema_->model().forward(images).to(at::kFloat);
      out.z_teacher = normalize_rows(out.raw_teacher);
    }
  }
  out.z = normalize_rows(out.raw);
  out.labels = index_tensor(batch.labels, device_);
  out.rows = index_tensor(batch.positions, device_);
  out.progress = static_cast<double>(step) / static_cast<double>(total_steps_);
  out.step = step;
  out.epoch = epoch;
  return out;
}

at::Tensor TrainStep::logits(const LossBatch& batch) {
  return needs_logits_ && classifier_ != nullptr ? classifier_->logits(batch) : at::Tensor();
}

at::Tensor TrainStep::total_loss(const LossBatch& batch, const Targets& targets, std::map<std::string, Ratio>& log) {
  at::Tensor total;
  for (auto& term : terms_) {
    const LossResult result = term.loss->forward(batch, targets);
    const auto value = term.weight * reduce_items(result.items, targets.trust);
    const std::string prefix = terms_.size() > 1 ? term.name + "." : "";
    if (terms_.size() > 1) log[prefix + "loss"] = {value.item<double>(), 1};
    for (const auto& [name, logged] : result.log) log[prefix + name] = {logged, 1};
    total = total.defined() ? total + value : value;
  }
  return total;
}

void TrainStep::update(const at::Tensor& total, double rate, std::map<std::string, Ratio>& log) {
  optimizer_->zero_grad();
  // A batch without a single pair gives a constant: nothing to learn from it.
  if (!total.requires_grad()) return;
  total.backward();
  if (config_.training.clip_norm > 0)
    log["gradient_norm"] = {optimizer_->clip_gradients(config_.training.clip_norm), 1};
  optimizer_->step(rate);
  if (ema_) ema_->update();
}

void TrainStep::log_trust(const Verdict& verdict, std::map<std::string, Ratio>& log) const {
  if (verdict.rate_estimate >= 0) log["rate_estimate"] = {verdict.rate_estimate, 1};
  if (verdict.separation >= 0) log["separation"] = {verdict.separation, 1};
}

void TrainStep::count_truth(const LossBatch& batch, const Targets& targets, const at::Tensor& logits,
                            std::map<std::string, Ratio>& log) const {
  const at::NoGradGuard no_grad;
  const auto truth = truth_.index_select(0, batch.rows);
  const auto clean = truth == batch.labels;
  const auto wrong = clean.logical_not() & (truth != TrainingData::kUnknown);
  const auto share = [&](const char* name, const at::Tensor& hit, const at::Tensor& of) {
    log[name] = {(hit & of).sum().item<double>(), of.sum().item<double>()};
  };
  if (logits.defined()) share("memorised", logits.argmax(1) == batch.labels, wrong);
  if (config_.trust.name != "none") {
    const auto mean = [&](const char* name, const at::Tensor& of) {
      log[name] = {(targets.trust * of).sum().item<double>(), of.sum().item<double>()};
    };
    mean("weight_right", clean);
    mean("weight_wrong", wrong);
  }
  if (!policy_->rewrites_labels()) return;
  share("clean_kept", targets.labels == batch.labels, clean);
  share("wrong_fixed", targets.labels == truth, wrong);
}

StepReport TrainStep::run(const ImageBatch& images, int64_t step, int64_t epoch) {
  StepReport report;
  report.images = images.size;
  report.learning_rate = schedule_.rate(step);
  const LossBatch batch = forward(images, step, epoch);
  const at::Tensor scores = logits(batch);
  const at::Tensor seen = scores.defined() ? scores.detach() : scores;
  const Verdict verdict = trust_->judge(batch);
  Random random(static_cast<uint64_t>(config_.training.seed), "targets", static_cast<uint64_t>(step));
  const Targets targets = policy_->apply(batch, verdict, seen, random);

  at::Tensor total = total_loss(batch, targets, report.log);
  if (scores.defined())
    if (const auto extra = policy_->regulariser(scores); extra.defined()) total = total + extra;
  report.loss = total.item<double>();
  if (!std::isfinite(report.loss))
    fail_non_finite({epoch, step, suspicious_rows(images, batch.raw), report.learning_rate}, report.loss);
  update(total, report.learning_rate, report.log);

  const LossBatch after = detached(batch);
  trust_->observe(after, seen);
  for (auto& term : terms_) term.loss->after_step(after, targets);
  for (const auto& [name, value] : policy_->log()) report.log[name] = {value, 1};
  log_trust(verdict, report.log);
  if (truth_.defined()) count_truth(after, targets, seen, report.log);
  report.pair_distance = mean_pair_distance(after.z);
  report.z = after.z.to(at::kCPU);
  return report;
}

}  // namespace winnow
