#include "losses/prism.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "losses/item_memory.h"
#include "losses/shapes.h"
#include "src/core/error.h"

namespace winnow {
namespace {

constexpr double kPrismPi = 3.14159265358979323846, kLongestMean = 0.999, kLeastKappa = 1e-3;

int64_t bank_capacity(const PrismOptions& options, const LossContext& context) {
  if (context.items < 1) throw Error(ErrorCode::kConfig, "[prism] the number of training pictures is required, got 0");
  return options.memory > 0 ? options.memory : context.items;
}

}  // namespace

void PrismOptions::visit(OptionVisitor& v) {
  v.number("rate", rate, 0.0, 0.99, "share of wrong labels, which this method must be told");
  v.choice("threshold", threshold, {"smooth", "batch"}, "mean over the last batches (sTRM), or this batch alone (TRM)");
  v.integer("window", window, 1, 100000, "smooth: batches that are averaged");
  v.choice("score", score, {"centre", "vmf"}, "similarity to the class centres, or von Mises-Fisher densities");
  v.integer("memory", memory, 0, 1000000000, "embeddings in the bank; 0 = one for each training picture");
}

at::Tensor log_vmf_constant(const at::Tensor& kappa, int64_t dim) {
  const double order = 0.5 * static_cast<double>(dim) - 1;
  // I_v(v x) ~ e^{v eta} / (sqrt(2 pi v) (1 + x^2)^{1/4}); with v = 0 (D = 2) the large-argument form of the same.
  const double v = std::max(order, 0.5);
  const auto root = (kappa * kappa + v * v).sqrt();
  const auto log_bessel = root + v * (kappa.log() - (v + root).log()) - 0.5 * (2 * kPrismPi * root).log();
  return order * kappa.log() - (order + 1) * std::log(2 * kPrismPi) - log_bessel;
}

Prism::Prism(const PrismOptions& options, const LossContext& context)
    : options_(options), bank_(bank_capacity(options, context), context), classes_(context.classes) {
  const auto doubles = at::TensorOptions(at::kDouble).device(context.device);
  quantiles_ = at::zeros({options.window}, at::TensorOptions(at::kDouble));
  filled_ = at::zeros({}, at::TensorOptions(at::kLong));
  score_ = at::zeros({context.items}, doubles);
  trust_ = at::ones({context.items}, doubles);
  seen_ = at::zeros({context.items}, doubles.dtype(at::kBool));
}

at::Tensor Prism::log_score(const LossBatch& batch) const {
  const auto z = batch.z.detach().to(at::kDouble), bank = bank_.z().to(at::kDouble);
  const auto count = bank_.labels().bincount({}, classes_).to(at::kDouble);
  const auto centres = at::zeros({classes_, z.size(1)}, z.options()).index_add(0, bank_.labels(), bank) /
                       count.clamp_min(1).unsqueeze(1);
  const auto present = count > 0;
  auto logit = z.mm(centres.t());
  if (options_.score == "vmf") {
    const auto length = centres.norm(2, 1).clamp(1e-6, kLongestMean);
    const double dim = static_cast<double>(z.size(1));
    const auto kappa = (length * (dim - length.square()) / (1 - length.square())).clamp_min(kLeastKappa);
    logit = logit * (kappa / length).unsqueeze(0) + log_vmf_constant(kappa, z.size(1)).unsqueeze(0);
  }
  logit = logit.masked_fill(present.logical_not().unsqueeze(0), -std::numeric_limits<double>::infinity());
  const auto own = logit.log_softmax(1).gather(1, batch.labels.unsqueeze(1)).squeeze(1);
  return at::where(present.index_select(0, batch.labels), own, at::zeros_like(own));
}

Prism::Kept Prism::choose(const LossBatch& batch) const {
  check_batch("prism", batch, classes_, 0);
  require_rows("prism", batch.rows, score_.size(0));
  Kept out;
  const auto size = batch.labels.size(0);
  if (bank_.size() == 0 || options_.rate == 0) {
    out.score = bank_.size() == 0 ? at::zeros({size}, score_.options()) : log_score(batch);
    out.kept = at::ones({size}, seen_.options());
    out.quantile = out.score.exp().min().item<double>();
    return out;
  }
  out.score = log_score(batch);
  const auto p = out.score.exp();
  out.quantile = at::quantile(p, options_.rate).item<double>();
  double threshold = out.quantile;
  if (options_.threshold == "smooth") {
    const auto before = std::min(filled_.item<int64_t>(), options_.window - 1);
    for (int64_t back = 1; back <= before; ++back)
      threshold += quantiles_.const_data_ptr<double>()[(filled_.item<int64_t>() - back) % options_.window];
    threshold /= static_cast<double>(before + 1);
  }
  out.kept = p > threshold;
  if (out.kept.any().item<bool>()) return out;
  out.fell_back = true;
  const auto keep = std::max<int64_t>(1, std::llround((1 - options_.rate) * static_cast<double>(size)));
  out.kept = p >= std::get<0>(p.kthvalue(size - keep + 1));
  return out;
}

Verdict Prism::judge(const LossBatch& batch) {
  const at::NoGradGuard no_grad;
  Verdict verdict;
  verdict.trust = choose(batch).kept.to(batch.z.scalar_type());
  return verdict;
}

void Prism::observe(const LossBatch& batch, const at::Tensor&) {
  const at::NoGradGuard no_grad;
  const bool empty = bank_.size() == 0;
  const auto choice = choose(batch);
  if (choice.fell_back) filled_.zero_();
  if (!empty) {
    quantiles_.mutable_data_ptr<double>()[filled_.item<int64_t>() % options_.window] = choice.quantile;
    filled_.add_(1);
  }
  const auto last = last_positions(batch.rows);
  const auto rows = batch.rows.index_select(0, last);
  score_.index_copy_(0, rows, choice.score.index_select(0, last));
  trust_.index_copy_(0, rows, choice.kept.to(at::kDouble).index_select(0, last));
  seen_.index_fill_(0, rows, true);
  const auto kept = choice.kept.nonzero().squeeze(1);
  if (kept.numel() == 0) return;
  const auto z = batch.z.detach().index_select(0, kept);
  bank_.push(z, batch.labels.index_select(0, kept), at::ones({kept.numel()}, z.options()));
}

std::optional<TrustTable> Prism::table() const {
  const auto unknown = at::full({}, std::numeric_limits<double>::quiet_NaN(), score_.options());
  return TrustTable{trust_.to(at::kFloat), at::where(seen_, score_.exp(), unknown).to(at::kFloat)};
}

LossState Prism::state() {
  auto out = bank_.state();
  out.emplace_back("prism.quantiles", quantiles_);
  out.emplace_back("prism.filled", filled_);
  out.emplace_back("prism.score", score_);
  out.emplace_back("prism.trust", trust_);
  out.emplace_back("prism.seen", seen_);
  return out;
}

}  // namespace winnow
