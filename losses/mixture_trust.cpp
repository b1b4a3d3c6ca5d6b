#include "losses/mixture_trust.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <limits>

#include "losses/item_memory.h"
#include "losses/shapes.h"
#include "src/core/error.h"

namespace winnow {
namespace {

constexpr int64_t kLeastScores = 16;  // below this a mixture says nothing
constexpr double kLeastLogP = -20.0;  // one confident miss must not stretch the low component

const at::Tensor& seen_embedding(const LossBatch& batch) {
  return batch.z_teacher.defined() ? batch.z_teacher : batch.z;
}

bool is_set(const at::Tensor& fit) { return fit.const_data_ptr<double>()[5] > 0; }

TwoGaussians mixture_of(const at::Tensor& fit) {
  const auto* f = fit.const_data_ptr<double>();
  return {f[0], f[1], f[2], f[3], f[4]};
}

void set(at::Tensor& fit, const TwoGaussians& m) {
  auto* f = fit.mutable_data_ptr<double>();
  f[0] = m.low_mean;
  f[1] = m.high_mean;
  f[2] = m.low_variance;
  f[3] = m.high_variance;
  f[4] = m.low_weight;
  f[5] = 1;
}

}  // namespace

void MixtureTrustOptions::visit(OptionVisitor& v) {
  v.choice("signal", signal, {"margin", "loss"},
           "own class centre against the best other, or log p of the given label");
  v.number("keep", keep, 0.0, 0.999, "share of a picture's old score that is kept at a visit");
  v.number("separation", separation, 0.0, 100.0, "least distance d' of the two components; below it all is trusted");
  v.number("wrong_below", wrong_below, -2.0, 2.0, "signal: margin, the low component's mean must be under this");
  v.integer("every", every, 0, 1000000, "steps between fits; 0 = at the end of each epoch");
  v.integer("least_class", least_class, 0, 1000000, "pictures of classes with fewer pictures are trusted");
}

MixtureTrust::MixtureTrust(const MixtureTrustOptions& options, const LossContext& context)
    : options_(options), first_scored_step_((context.steps_per_epoch + 1) / 2), centres_("mixture", context) {
  if (context.items < 1)
    throw Error(ErrorCode::kConfig, "[mixture] the number of training pictures is required, got 0");
  const auto doubles = at::TensorOptions(at::kDouble).device(context.device);
  score_ = at::zeros({context.items}, doubles);
  scored_ = at::zeros({context.items}, doubles.dtype(at::kBool));
  small_ = at::zeros({context.items}, doubles.dtype(at::kBool));
  fit_ = at::zeros({6}, at::TensorOptions(at::kDouble));
  accepted_ = at::zeros_like(fit_);
}

at::Tensor MixtureTrust::trust_of(const at::Tensor& scores, const at::Tensor& known) const {
  auto trust = at::ones(scores.sizes(), at::TensorOptions(at::kDouble));
  if (!is_set(accepted_)) return trust.to(score_.device());
  const auto m = mixture_of(accepted_);
  const auto s = scores.to(at::kCPU).contiguous(), k = known.to(at::kCPU).contiguous();
  const auto* value = s.const_data_ptr<double>();
  const auto* use = k.const_data_ptr<bool>();
  auto* out = trust.mutable_data_ptr<double>();
  for (int64_t i = 0; i < trust.numel(); ++i)
    if (use[i]) out[i] = m.high_posterior(value[i]);
  return trust.to(score_.device());
}

Verdict MixtureTrust::judge(const LossBatch& batch) {
  const at::NoGradGuard no_grad;
  check_batch("mixture", batch, centres_.sizes().size(0), 0);
  require_shape("mixture", "rows", batch.rows, at::kLong, {batch.labels.size(0)});
  require_rows("mixture", batch.rows, score_.size(0));
  const auto known = scored_.logical_and(small_.logical_not()).index_select(0, batch.rows);
  Verdict verdict;
  verdict.trust = trust_of(score_.index_select(0, batch.rows), known).to(batch.z.scalar_type());
  if (is_set(fit_)) {
    verdict.separation = mixture_of(fit_).separation();
    verdict.rate_estimate = is_set(accepted_) ? mixture_of(accepted_).low_weight : 0.0;
  }
  return verdict;
}

at::Tensor MixtureTrust::score(const LossBatch& batch, const at::Tensor& z, const at::Tensor& logits) const {
  if (options_.signal == "loss") {
    if (!logits.defined())
      throw Error(ErrorCode::kConfig, "[mixture] signal: loss requires a classification loss under `loss:`, got none");
    return logits.log_softmax(1).gather(1, batch.labels.unsqueeze(1)).squeeze(1).clamp_min(kLeastLogP);
  }
  const auto centres = centres_.unit();
  return centre_margin(z.to(centres.scalar_type()).mm(centres.t()), batch.labels, centres_.seen());
}

void MixtureTrust::remember(const LossBatch& batch, const at::Tensor& now) {
  const auto last = last_positions(batch.rows);
  const auto rows = batch.rows.index_select(0, last), labels = batch.labels.index_select(0, last);
  const auto old = score_.index_select(0, rows), known = scored_.index_select(0, rows);
  const auto fresh = now.to(at::kDouble).index_select(0, last);
  const auto mixed = at::where(known, options_.keep * old + (1 - options_.keep) * fresh, fresh);
  // A picture whose class has no centre yet has no margin.
  const auto usable =
      options_.signal == "loss" ? known.logical_or(known.logical_not()) : centres_.seen().index_select(0, labels);
  score_.index_copy_(0, rows, at::where(usable, mixed, old));
  scored_.index_copy_(0, rows, usable.logical_or(known));
  small_.index_copy_(0, rows, centres_.sizes().index_select(0, labels) < static_cast<double>(options_.least_class));
}

void MixtureTrust::observe(const LossBatch& batch, const at::Tensor& logits) {
  const at::NoGradGuard no_grad;
  const auto trust = judge(batch).trust;
  const auto& z = seen_embedding(batch);
  // Scored before it enters, so that a picture is not measured against itself.
  if (batch.step >= first_scored_step_) remember(batch, score(batch, z, logits));
  centres_.add(z, batch.labels, trust);
  if (options_.every > 0 && (batch.step + 1) % options_.every == 0) fit();
}

void MixtureTrust::end_epoch(int64_t) {
  centres_.end_epoch();
  if (options_.every == 0) fit();
}

void MixtureTrust::fit() {
  const auto scores = score_.masked_select(scored_.logical_and(small_.logical_not())).to(at::kCPU).contiguous();
  if (scores.numel() < kLeastScores) return;
  const auto m = fit_two_gaussians({scores.const_data_ptr<double>(), static_cast<size_t>(scores.numel())});
  set(fit_, m);
  if (m.separation() < options_.separation)
    accepted_.zero_();
  else if (options_.signal != "margin" || m.low_mean < options_.wrong_below)
    set(accepted_, m);
}

std::optional<TrustTable> MixtureTrust::table() const {
  const auto unknown = at::full({}, std::numeric_limits<double>::quiet_NaN(), score_.options());
  return TrustTable{trust_of(score_, scored_.logical_and(small_.logical_not())).to(at::kFloat),
                    at::where(scored_, score_, unknown).to(at::kFloat)};
}

LossState MixtureTrust::state() {
  auto out = centres_.state();
  out.emplace_back("mixture.score", score_);
  out.emplace_back("mixture.scored", scored_);
  out.emplace_back("mixture.small", small_);
  out.emplace_back("mixture.fit", fit_);
  out.emplace_back("mixture.accepted", accepted_);
  return out;
}

}  // namespace winnow
