#include "losses/pencil.h"

#include <ATen/ATen.h>

#include "losses/item_memory.h"
#include "src/core/error.h"

namespace winnow {
namespace {

constexpr double kPencilStart = 10.0;

}  // namespace

void PencilOptions::visit(OptionVisitor& v) {
  v.number("alpha", alpha, 0.0, 100.0, "weight of staying near the given label");
  v.number("beta", beta, 0.0, 100.0, "weight of the entropy of the prediction");
  v.number("lambda", lambda, 0.0, 1e6, "learning rate of the label distributions");
  v.number("start", start, 0.0, 1.0, "share of training with plain cross entropy");
  v.number("freeze", freeze, 0.0, 1.0, "share of training after which the distributions stay");
  HeadOptions::visit(v);
}

Pencil::Pencil(const PencilOptions& options, const LossContext& context)
    : ProbabilityLoss("pencil", options, context), options_(options) {
  require_item_class_memory("pencil", context);
  const auto floats = at::TensorOptions(context.dtype).device(context.device);
  labels_ = std::make_unique<ItemVariables>(at::zeros({context.items, context.classes}, floats));
  seen_ = at::zeros({context.items}, floats.dtype(at::kBool));
}

at::Tensor Pencil::of_labels(const LabelScores& s) {
  const auto plain = -s.own();
  if (s.batch.progress < options_.start) return plain;
  require_rows("pencil", s.batch.rows, seen_.size(0));
  const auto given = at::zeros_like(s.log_p.detach()).scatter(1, s.batch.labels.unsqueeze(1), kPencilStart);
  const auto stored = labels_->values().index_select(0, s.batch.rows).to(given.scalar_type());
  const auto now = at::where(seen_.index_select(0, s.batch.rows).unsqueeze(1), stored, given);
  const auto log_d = labels_->take(s.batch.rows, now).log_softmax(1);
  const auto p = s.log_p.exp();
  const auto fit = (p * (s.log_p - log_d)).sum(1, true);
  if (s.batch.progress >= options_.freeze) return fit + at::zeros_like(plain);
  return fit - options_.alpha * s.pick(log_d) - options_.beta * (p * s.log_p).sum(1, true);
}

void Pencil::after_step(const LossBatch& batch, const Targets&) {
  if (batch.progress < options_.start || batch.progress >= options_.freeze) return;
  if (labels_->step(options_.lambda)) seen_.index_fill_(0, batch.rows, true);
}

}  // namespace winnow
