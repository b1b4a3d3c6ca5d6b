#include "losses/soft_correction.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

#include "losses/given.h"
#include "losses/shapes.h"
#include "src/core/error.h"

namespace winnow {
namespace {

constexpr double kEntropyFloor = 1e-12;

void require_scores(const char* name, const LossBatch& batch, const at::Tensor& logits) {
  check_batch(name, batch, 0, 0);
  require_classifier(name, logits.defined());
  require_shape(name, "logits", logits, logits.scalar_type(), {batch.labels.size(0), logits.size(1)});
}

at::Tensor one_hot(const LossBatch& batch, const at::Tensor& logits) {
  return at::zeros_like(logits).scatter(1, batch.labels.unsqueeze(1), 1.0);
}

/// Targets from a distribution, and for the log how much of it lies on the given label.
Targets soft_targets(const LossBatch& batch, const Verdict& verdict, const at::Tensor& q,
                     std::map<std::string, double>& log) {
  Targets targets;
  targets.soft = (q / q.sum(1, true).clamp_min(kEntropyFloor)).to(batch.z.scalar_type());
  targets.labels = targets.soft.argmax(1);
  targets.trust = verdict_weights(batch, verdict);
  log["trust_in_given"] = targets.soft.gather(1, batch.labels.unsqueeze(1)).mean().item<double>();
  log["swapped"] = targets.labels.ne(batch.labels).to(at::kDouble).mean().item<double>();
  return targets;
}

Targets as_given(const LossBatch& batch, const Verdict& verdict, std::map<std::string, double>& log) {
  log["trust_in_given"] = 1;
  log["swapped"] = 0;
  return {batch.labels, {}, verdict_weights(batch, verdict)};
}

}  // namespace

void SelcOptions::visit(OptionVisitor& v) {
  v.number("decay", decay, 0.0, 0.9999, "share of a picture's old target kept at a visit");
  v.number("start", start, 0.0, 1.0, "share of training on the given labels alone");
  v.integer("top", top, 0, 100000, "classes kept for each picture; 0 = all up to 256 MiB, else 5");
}

Selc::Selc(const SelcOptions& options, const LossContext& context)
    : options_(options), memory_(options.decay, entries_to_keep(options.top, context), context) {}

Targets Selc::apply(const LossBatch& batch, const Verdict& verdict, const at::Tensor& logits, Random&) {
  const at::NoGradGuard no_grad;
  require_scores("selc", batch, logits);
  if (batch.progress < options_.start) return as_given(batch, verdict, log_);
  return soft_targets(batch, verdict, memory_.update(batch.rows, logits.softmax(1), one_hot(batch, logits)), log_);
}

void ProSelfLcOptions::visit(OptionVisitor& v) {
  v.number("sharpness", sharpness, 0.0, 1000.0, "how fast the trust moves around the middle");
  v.number("middle", middle, 0.01, 1.0, "share of training at which half of it has moved");
}

Targets ProSelfLc::apply(const LossBatch& batch, const Verdict& verdict, const at::Tensor& logits, Random&) {
  const at::NoGradGuard no_grad;
  require_scores("proselflc", batch, logits);
  const double over_time = 1 / (1 + std::exp(-options_.sharpness * (batch.progress - options_.middle)));
  const auto log_p = logits.log_softmax(1), p = log_p.exp();
  const double most = std::log(static_cast<double>(std::max<int64_t>(2, logits.size(1))));
  const auto confidence = (1 + (p * log_p).sum(1, true) / most).clamp(0.0, 1.0);
  const auto share = over_time * confidence;
  return soft_targets(batch, verdict, (1 - share) * one_hot(batch, logits) + share * p, log_);
}

void JointOptions::visit(OptionVisitor& v) {
  v.number("start", start, 0.0, 1.0, "share of training on the given labels alone");
  v.number("decay", decay, 0.0, 0.9999, "share of a picture's old average prediction kept at a visit");
  v.number("balance", balance, 0.0, 100.0, "weight of KL(uniform || mean p)");
  v.number("entropy", entropy, 0.0, 100.0, "weight of the entropy of the predictions");
  v.integer("top", top, 0, 100000, "classes kept for each picture; 0 = all up to 256 MiB, else 5");
}

JointOptimization::JointOptimization(const JointOptions& options, const LossContext& context)
    : options_(options),
      memory_(options.decay, entries_to_keep(options.top, context), context),
      balance_(options.balance, context) {}

Targets JointOptimization::apply(const LossBatch& batch, const Verdict& verdict, const at::Tensor& logits, Random&) {
  const at::NoGradGuard no_grad;
  require_scores("joint", batch, logits);
  const auto average = memory_.update(batch.rows, logits.softmax(1));
  if (batch.progress < options_.start) return as_given(batch, verdict, log_);
  return soft_targets(batch, verdict, average, log_);
}

at::Tensor JointOptimization::regulariser(const at::Tensor& logits) {
  const auto log_p = logits.log_softmax(1);
  const auto entropy = -options_.entropy * (log_p.exp() * log_p).sum(1).mean();
  const auto balance = balance_.term(logits);
  return balance.defined() ? balance + entropy : entropy;
}

LossState JointOptimization::state() {
  auto out = memory_.state();
  for (auto& entry : balance_.state()) out.push_back(entry);
  return out;
}

}  // namespace winnow
