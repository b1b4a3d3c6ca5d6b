#include "losses/finish.h"

#include <ATen/ATen.h>

#include "src/core/error.h"

namespace winnow {
namespace {

at::Tensor picked(const at::Tensor& x, const at::Tensor& mask) { return x.defined() ? x.masked_select(mask) : x; }

/// The items a mask keeps.
LossItems kept_items(const LossItems& items, const at::Tensor& mask) {
  LossItems out = items;
  if (!out.first.defined() && out.kind == ItemKind::kElement)
    out.first = at::arange(items.values.size(0), mask.options().dtype(at::kLong));
  out.values = items.values.masked_select(mask);
  out.first = picked(out.first, mask);
  out.second = picked(out.second, mask);
  out.second_trust = picked(out.second_trust, mask);
  return out;
}

at::Tensor weights_of(const LossItems& items, const at::Tensor& trust) {
  const auto ones = at::ones_like(items.values).detach();
  if (!trust.defined() || items.kind == ItemKind::kNegativePair) return ones;
  const auto t = trust.detach().to(items.values.scalar_type());
  auto weights = items.first.defined() ? t.index_select(0, items.first) : t;
  if (items.kind == ItemKind::kElement) return weights;
  return weights * (items.second_trust.defined() ? items.second_trust.to(weights.scalar_type())
                                                 : t.index_select(0, items.second));
}

LossItems as_reduced(const at::Tensor& value) {
  LossItems out;
  out.kind = ItemKind::kReduced;
  out.values = value;
  return out;
}

at::Tensor mean_of_anchor_means(const LossItems& items, const at::Tensor& weights, int64_t batch) {
  const auto first =
      items.first.defined() ? items.first : at::arange(items.values.size(0), weights.options().dtype(at::kLong));
  const auto zeros = at::zeros({batch}, weights.options());
  const auto total = zeros.index_add(0, first, weights);
  const auto sums = zeros.index_add(0, first, weights * items.values);
  return at::where(total > 0, sums / total.clamp_min(1e-12), zeros).sum() / static_cast<double>(batch);
}

}  // namespace

void FinishOptions::visit(OptionVisitor& v) {
  v.choice("reducer", reducer, {"mean", "nonzero", "threshold", "per_anchor", "sum"},
           "how items become a number; nonzero leaves out values that are 0");
  v.number("low", low, -1e6, 1e6, "threshold: values at or below this are left out");
  v.number("high", high, -1e6, 1e6, "threshold: values at or above this are left out; 0 = no upper end");
  v.numbers("class_weights", class_weights, 0.0, 1e6, "one factor for each class; empty = all 1");
  v.number("embedding_norm", embedding_norm, 0.0, 1000.0, "weight of the mean norm of raw embeddings");
  v.number("zero_mean", zero_mean, 0.0, 1000.0, "weight of the mean absolute sum of raw embeddings");
  v.number("weight_norm", weight_norm, 0.0, 1000.0, "weight of the mean norm of the class vectors");
  v.number("equal_norm", equal_norm, 0.0, 1000.0, "weight of the spread of the class vectors' norms");
  v.number("spread", spread, 0.0, 1000.0, "weight of the cosine of each class vector with its nearest");
}

std::vector<std::string> FinishOptions::check() const {
  if (reducer == "threshold" && high != 0 && high <= low) return {"high must be above low, or 0"};
  return {};
}

bool FinishOptions::changes_nothing() const {
  return reducer == "mean" && class_weights.empty() && embedding_norm == 0 && zero_mean == 0 && weight_norm == 0 &&
         equal_norm == 0 && spread == 0;
}

FinishedLoss::FinishedLoss(std::unique_ptr<Loss> loss, const FinishOptions& options, const LossContext& context)
    : loss_(std::move(loss)), options_(options) {
  if (!options.class_weights.empty()) {
    if (static_cast<int64_t>(options.class_weights.size()) != context.classes)
      throw Error(ErrorCode::kConfig, "[finish] class_weights must be " + std::to_string(context.classes) +
                                          " numbers, one for each class, got " +
                                          std::to_string(options.class_weights.size()));
    class_weights_ =
        at::tensor(options.class_weights, at::TensorOptions(at::kDouble)).to(context.device, context.dtype);
  }
  for (const auto& [name, parameter] : loss_->parameters())
    if (name == "weight") vectors_ = parameter;
  if (options.weight_norm + options.equal_norm + options.spread > 0 && !vectors_.defined())
    throw Error(ErrorCode::kConfig, "[finish] weight_norm, equal_norm and spread require a loss with class vectors");
}

LossItems FinishedLoss::finished(const LossItems& given, const Targets& targets) const {
  LossItems items = given;
  if (items.kind == ItemKind::kReduced || items.values.numel() == 0) return items;
  if (class_weights_.defined()) {
    const auto labels = items.first.defined() ? targets.labels.index_select(0, items.first) : targets.labels;
    items.values = items.values * class_weights_.index_select(0, labels);
  }
  const auto& reducer = options_.reducer;
  if (reducer == "nonzero") return kept_items(items, items.values.detach() > 0);
  if (reducer == "threshold") {
    auto mask = items.values.detach() > options_.low;
    if (options_.high != 0) mask = mask.logical_and(items.values.detach() < options_.high);
    return kept_items(items, mask);
  }
  if (reducer == "mean") return items;
  const auto weights = weights_of(items, targets.trust);
  if (reducer == "sum") return as_reduced((weights * items.values).sum());
  return as_reduced(mean_of_anchor_means(items, weights, targets.labels.size(0)));
}

at::Tensor FinishedLoss::regulariser(const LossBatch& batch) const {
  auto total = at::zeros({}, batch.z.options().requires_grad(false));
  if (options_.embedding_norm + options_.zero_mean > 0) {
    if (!batch.raw.defined())
      throw Error(ErrorCode::kShape, "[finish] embedding_norm and zero_mean require raw embeddings, got nothing");
    total = total + options_.embedding_norm * (batch.raw.square().sum(1) + 1e-12).sqrt().mean() +
            options_.zero_mean * batch.raw.sum(1).abs().mean();
  }
  if (options_.weight_norm > 0) total = total + options_.weight_norm * vectors_.norm(2, 1).mean();
  if (options_.equal_norm > 0) {
    const auto squares = vectors_.square().sum(1);
    total = total + options_.equal_norm / 4 * (squares - squares.mean()).square().mean();
  }
  if (options_.spread > 0) {
    const auto unit = vectors_ / vectors_.norm(2, 1, true).clamp_min(1e-12);
    const auto cosine = at::mm(unit, unit.t());
    total = total + options_.spread * cosine.fill_diagonal_(-2.0).amax(1).mean();
  }
  return total;
}

LossResult FinishedLoss::forward(const LossBatch& batch, const Targets& targets) {
  auto result = loss_->forward(batch, targets);
  if (options_.changes_nothing()) return result;
  for (auto& items : result.items) items = finished(items, targets);
  if (options_.embedding_norm + options_.zero_mean + options_.weight_norm + options_.equal_norm + options_.spread > 0)
    result.items.push_back(as_reduced(regulariser(batch)));
  return result;
}

}  // namespace winnow
