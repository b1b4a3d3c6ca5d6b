#include "losses/elr.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "losses/shapes.h"

namespace winnow {
namespace {

constexpr double kElrEdge = 1e-4;

}  // namespace

void ElrOptions::visit(OptionVisitor& v) {
  v.number("lambda", lambda, 0.0, 1000.0, "weight of the early-learning term; 7 for about 100 classes");
  v.number("decay", decay, 0.0, 0.9999, "items: share of the old average kept at a visit; 0.9 for 100 classes");
  v.choice("memory", memory, {"items", "centres"}, "average prediction of each picture, or class centres");
  v.integer("top", top, 0, 100000, "items: classes kept for each picture; 0 = all up to 256 MiB, else 5");
  v.number("centre_scale", centre_scale, 0.01, 1000.0, "centres: factor on the cosines to the centres");
  HeadOptions::visit(v);
}

Elr::Elr(const ElrOptions& options, const LossContext& context)
    : ProbabilityLoss("elr", options, context), options_(options) {
  if (options.memory == "centres")
    centres_ = std::make_unique<ClassCentres>("elr", context);
  else
    items_ = std::make_unique<PredictionMemory>(options.decay, entries_to_keep(options.top, context), context);
}

at::Tensor Elr::clamped(const at::Tensor& log_p) const {
  const auto p = log_p.detach().exp().clamp(kElrEdge, 1 - kElrEdge);
  return p / p.sum(1, true);
}

at::Tensor Elr::of_labels(const LabelScores& s) {
  const auto plain = -s.own();
  if (options_.lambda == 0) return plain;
  at::Tensor q;
  if (items_) {
    require_shape("elr", "rows", s.batch.rows, at::kLong, {s.log_p.size(0)});
    p_ = clamped(s.log_p);
    rows_ = s.batch.rows;
    q = items_->peek(rows_, p_, at::zeros_like(p_));
  } else {
    const auto centres = centres_->unit();
    q = (options_.centre_scale * s.batch.z.detach().to(centres.scalar_type()).mm(centres.t())).softmax(1);
  }
  const auto p = s.log_p.exp().clamp(kElrEdge, 1 - kElrEdge);
  const auto agreement = (q.to(p.scalar_type()) * p).sum(1, true).clamp_max(1 - kElrEdge);
  return plain + options_.lambda * at::log1p(-agreement);
}

void Elr::after_step(const LossBatch& batch, const Targets& targets) {
  const at::NoGradGuard no_grad;
  if (centres_) {
    if (batch.epoch > 0) centres_->end_epoch();
    const auto trust = targets.trust.defined() ? targets.trust : at::ones({batch.labels.size(0)}, batch.z.options());
    centres_->add(batch.z.detach(), targets.labels, trust);
    return;
  }
  if (!p_.defined() || !rows_.is_same(batch.rows)) return;  // no step was taken on this batch
  items_->update(rows_, p_, at::zeros_like(p_));
  p_ = rows_ = at::Tensor();
}

LossState Elr::state() { return items_ ? items_->state() : centres_->state(); }

}  // namespace winnow
