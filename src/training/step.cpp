#include "src/training/step.h"

#include <ATen/ATen.h>
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

TrainStep::Pictures TrainStep::load(const ImageBatch& images, int64_t step, int64_t epoch) const {
  const at::Device device = learner_.device();
  // Torch only reads the pixels; the loader's buffer outlives the step.
  auto* pixels = const_cast<uint8_t*>(images.pixels.data());
  Pictures out;
  out.mix = draw_mix(config_.training, images.size, images.height, images.width, step);
  out.images = wrap_nhwc(pixels, images.size, images.height, images.width).to(device);
  out.mixed = mix_images(out.images, out.mix);
  out.batch.labels = index_tensor(images.labels, device);
  out.batch.rows = index_tensor(images.positions, device);
  out.batch.progress = static_cast<double>(step) / static_cast<double>(total_steps_);
  out.batch.step = step;
  out.batch.epoch = epoch;
  return out;
}

Targets TrainStep::make_targets(const LossBatch& batch, const Verdict& verdict, const at::Tensor& scores) {
  Random random(static_cast<uint64_t>(config_.training.seed), "targets", static_cast<uint64_t>(batch.step));
  return policy_->apply(batch, verdict, scores.defined() ? scores.detach() : scores, random);
}

/// Both networks' losses and what the rule adds; narrows `targets` to what the first network shall learn from.
/// @param view  labels, the first network's scores and what is known of the rate
at::Tensor TrainStep::with_peer(const Pictures& pictures, const PeerBatch& view, const LossBatch& batch,
                                Targets& targets, PeerSide& side, std::map<std::string, Ratio>& log) {
  side.batch = pictures.batch;
  peer_->embed(side.batch, pictures.images, pictures.mixed, false);
  PeerBatch both = view;
  both.logits_b = peer_->classifier()->logits(side.batch);
  const PeerVerdict chosen = rule_->judge(both);
  side.targets = targets;
  side.targets.trust = targets.trust * chosen.weight_b;
  targets.trust = targets.trust * chosen.weight_a;
  log["kept"] = {chosen.weight_a.mean().item<double>(), 1};
  std::map<std::string, Ratio> unused;
  at::Tensor total =
      chosen.scale * (learner_.total_loss(batch, targets, log) + peer_->total_loss(side.batch, side.targets, unused));
  return chosen.extra.defined() ? total + chosen.extra : total;
}

void TrainStep::update(const at::Tensor& total, double rate, std::map<std::string, Ratio>& log) {
  learner_.zero_grad();
  if (peer_) peer_->zero_grad();
  // A batch without a single pair gives a constant: nothing to learn from it.
  if (!total.requires_grad()) return;
  total.backward();
  learner_.step(rate, log);
  std::map<std::string, Ratio> unused;
  if (peer_) peer_->step(rate, unused);
}

void TrainStep::log_trust(const Verdict& verdict, std::map<std::string, Ratio>& log) const {
  if (verdict.rate_estimate >= 0) log["rate_estimate"] = {verdict.rate_estimate, 1};
  if (verdict.separation >= 0) log["separation"] = {verdict.separation, 1};
  if (!rule_) return;
  for (const auto& [name, value] : rule_->log()) log[name] = {value, 1};
}

void TrainStep::count_truth(const LossBatch& batch, const Targets& targets, const at::Tensor& logits, bool rewritten,
                            std::map<std::string, Ratio>& log) const {
  const at::NoGradGuard no_grad;
  const auto truth = truth_.index_select(0, batch.rows);
  const auto clean = truth == batch.labels;
  const auto wrong = clean.logical_not() & (truth != TrainingData::kUnknown);
  const auto share = [&](const char* name, const at::Tensor& hit, const at::Tensor& of) {
    log[name] = {(hit & of).sum().item<double>(), of.sum().item<double>()};
  };
  if (logits.defined()) share("memorised", logits.argmax(1) == batch.labels, wrong);
  if (config_.trust.name != "none" || rule_) {
    const auto mean = [&](const char* name, const at::Tensor& of) {
      log[name] = {(targets.trust * of).sum().item<double>(), of.sum().item<double>()};
    };
    mean("weight_right", clean);
    mean("weight_wrong", wrong);
  }
  if (!rewritten) return;
  share("clean_kept", targets.labels == batch.labels, clean);
  share("wrong_fixed", targets.labels == truth, wrong);
}

TrainStep::Pass TrainStep::usual_pass(const Pictures& pictures, std::map<std::string, Ratio>& log) {
  Pass out;
  out.batch = pictures.batch;
  learner_.embed(out.batch, pictures.images, pictures.mixed, needs_teacher_);
  if (needs_logits_ && classifier()) out.scores = classifier()->logits(out.batch);
  out.verdict = trust_->judge(out.batch);
  out.counted = make_targets(out.batch, out.verdict, out.scores);
  out.targets = mix_targets(out.counted, pictures.mix, data_.train.classes());
  PeerBatch view;
  view.labels = out.batch.labels;
  view.rows = out.batch.rows;
  view.logits_a = out.scores;
  view.rate_estimate = out.verdict.rate_estimate;
  view.epoch = out.batch.epoch;
  view.step = out.batch.step;
  out.total = peer_ ? with_peer(pictures, view, out.batch, out.targets, out.side, log)
                    : learner_.total_loss(out.batch, out.targets, log);
  if (peer_) out.counted = out.targets;
  if (out.scores.defined())
    if (const auto extra = policy_->regulariser(out.scores); extra.defined()) out.total = out.total + extra;
  return out;
}

StepReport TrainStep::run(const ImageBatch& images, int64_t step, int64_t epoch) {
  StepReport report;
  report.images = images.size;
  report.learning_rate = schedule_.rate(step);
  const Pictures pictures = load(images, step, epoch);
  PeerTeacher* teacher = rule_ ? rule_->teacher(step) : nullptr;
  const Pass pass = teacher ? taught_pass(pictures, *teacher, report.log) : usual_pass(pictures, report.log);
  report.loss = pass.total.item<double>();
  if (!std::isfinite(report.loss))
    fail_non_finite({epoch, step, suspicious_rows(images, pass.batch.raw), report.learning_rate}, report.loss);
  update(pass.total, report.learning_rate, report.log);

  const LossBatch after = detached(pass.batch);
  const at::Tensor seen = pass.scores.defined() ? pass.scores.detach() : pass.scores;
  trust_->observe(after, seen);
  if (dynamics_ && seen.defined() && (teacher || pictures.mix.partner.empty())) dynamics_->observe(after, seen);
  learner_.after_step(after, pass.targets);
  if (peer_) peer_->after_step(detached(pass.side.batch), pass.side.targets);
  for (const auto& [name, value] : policy_->log()) report.log[name] = {value, 1};
  log_trust(pass.verdict, report.log);
  if (truth_.defined()) count_truth(after, pass.counted, seen, teacher || policy_->rewrites_labels(), report.log);
  report.pair_distance = mean_pair_distance(after.z);
  report.z = after.z.to(at::kCPU);
  return report;
}

}  // namespace winnow
