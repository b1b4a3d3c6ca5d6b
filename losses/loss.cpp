#include "losses/loss.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "losses/shapes.h"
#include "src/core/error.h"

namespace winnow {
namespace {

constexpr double kLeastShare = 0.05;  // of the items: what a distrusted batch is divided by at least

at::Tensor pair_weights(const LossItems& items, const at::Tensor& trust) {
  const auto partner = items.second_trust.defined() ? items.second_trust : trust.index_select(0, items.second);
  return trust.index_select(0, items.first) * partner.to(trust.scalar_type());
}

/// Weights of the items; undefined = all 1.
at::Tensor item_weights(const LossItems& items, const at::Tensor& trust) {
  switch (items.kind) {
    case ItemKind::kElement: return items.first.defined() ? trust.index_select(0, items.first) : trust;
    case ItemKind::kPositivePair:
    case ItemKind::kTriplet: return pair_weights(items, trust);
    case ItemKind::kNegativePair:
    case ItemKind::kReduced: return {};
  }
  return {};
}

at::Tensor reduce_entry(const LossItems& items, const at::Tensor& trust) {
  const auto& values = items.values;
  if (items.kind == ItemKind::kReduced || values.numel() == 0) return values.sum();
  const bool per_anchor = items.averaging == Averaging::kAnchors;
  if (per_anchor && !trust.defined())
    throw Error(ErrorCode::kInternal, "[reduce_items] items averaged over anchors need the batch's trust");
  const auto weights = trust.defined() ? item_weights(items, trust) : at::Tensor();
  if (!weights.defined()) {
    const auto divisor = per_anchor ? trust.numel() : values.numel();
    return values.sum() / static_cast<double>(divisor);
  }
  const auto& over = per_anchor ? trust : weights;
  const auto divisor = over.sum().clamp_min(kLeastShare * static_cast<double>(over.numel()));
  return (weights * values).sum() / divisor;
}

void check_labels(const char* name, const char* what, const at::Tensor& labels, int64_t batch, int64_t classes) {
  require_shape(name, what, labels, at::kLong, {batch});
  if (batch == 0) return;
  const auto low = labels.min().item<int64_t>(), high = labels.max().item<int64_t>();
  if (low < 0 || (classes > 0 && high >= classes))
    throw Error(ErrorCode::kData, std::string("[") + name + "] " + what + " must be in [0, " +
                                      (classes > 0 ? std::to_string(classes) : "inf") + "), got " +
                                      std::to_string(low < 0 ? low : high));
}

}  // namespace

void Loss::load_state(const LossState& saved) { restore_state(saved, state()); }
void TargetPolicy::load_state(const LossState& saved) { restore_state(saved, state()); }
void TrustEstimator::load_state(const LossState& saved) { restore_state(saved, state()); }

void restore_state(const LossState& from, const LossState& into) {
  if (from.size() != into.size())
    throw Error(ErrorCode::kData, "[loss state] " + std::to_string(into.size()) + " tensors are required, got " +
                                      std::to_string(from.size()));
  const at::NoGradGuard no_grad;
  for (const auto& [name, target] : into) {
    const auto& wanted = name;
    const auto found = std::find_if(from.begin(), from.end(), [&](const auto& entry) { return entry.first == wanted; });
    if (found == from.end()) throw Error(ErrorCode::kData, "[loss state] '" + name + "' is required, got nothing");
    const auto& source = found->second;
    if (source.scalar_type() != target.scalar_type() || source.sizes() != target.sizes())
      throw Error(ErrorCode::kData, "[loss state] '" + name + "' must be " + describe_tensor(target) + ", got " +
                                        describe_tensor(source));
    target.copy_(source);
  }
}

at::Tensor reduce_items(const std::vector<LossItems>& items, const at::Tensor& trust) {
  if (items.empty()) throw Error(ErrorCode::kInternal, "[reduce_items] at least one entry of items is required");
  at::Tensor total;
  for (const auto& entry : items) {
    const auto t = trust.defined() ? trust.detach().to(entry.values.scalar_type()) : trust;
    const auto mean = reduce_entry(entry, t);
    total = total.defined() ? total + mean : mean;
  }
  return total;
}

void check_batch(const char* name, const LossBatch& batch, int64_t classes, int64_t dim) {
  if (!batch.z.defined() || batch.z.dim() != 2 || !batch.z.is_floating_point() || (dim > 0 && batch.z.size(1) != dim))
    throw Error(ErrorCode::kShape, std::string("[") + name + "] z must be floating point [B, " +
                                       (dim > 0 ? std::to_string(dim) : "D") + "], got " + describe_tensor(batch.z));
  const auto rows = batch.z.size(0), width = batch.z.size(1);
  if (rows == 0) throw Error(ErrorCode::kShape, std::string("[") + name + "] a batch of at least 1 is required, got 0");
  if (batch.raw.defined()) require_shape(name, "raw", batch.raw, batch.raw.scalar_type(), {rows, width});
  if (batch.rows.defined()) require_shape(name, "rows", batch.rows, at::kLong, {rows});
  check_labels(name, "labels", batch.labels, rows, classes);
}

void check_targets(const char* name, const Targets& targets, int64_t batch, int64_t classes) {
  check_labels(name, "target labels", targets.labels, batch, classes);
  if (targets.soft.defined()) {
    const bool any_width = classes == 0 && targets.soft.dim() == 2;
    require_shape(name, "soft targets", targets.soft, targets.soft.scalar_type(),
                  {batch, any_width ? targets.soft.size(1) : classes});
  }
  if (targets.trust.defined()) require_shape(name, "trust", targets.trust, targets.trust.scalar_type(), {batch});
}

LossBatch teacher_view(const char* name, const LossBatch& batch) {
  if (!batch.z_teacher.defined())
    throw Error(ErrorCode::kConfig,
                std::string("[") + name + "] a weight EMA is required (training.ema_decay > 0), got none");
  LossBatch seen = batch;
  seen.z = batch.z_teacher;
  seen.raw = batch.raw_teacher;
  return seen;
}

void require_classifier(const char* name, bool present) {
  if (!present)
    throw Error(ErrorCode::kConfig,
                std::string("[") + name + "] a classification loss is required under `loss:`, got none");
}

}  // namespace winnow
