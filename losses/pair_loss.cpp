#include "losses/pair_loss.h"

#include <ATen/ATen.h>

#include "losses/shapes.h"
#include "src/core/error.h"

namespace winnow {
void PairOptions::visit(OptionVisitor& v) {
  v.number("hidden_positive", hidden_positive, 0.0, 1.0,
           "negatives nearer than this cosine under the weight-EMA network are left out; 1 = none (0.6 to 0.7)");
}

void PairOptions::visit_memory(OptionVisitor& v) {
  v.integer("memory", memory, -1, 100000000, "entries of the cross-batch memory; 0 = batch only, -1 = all pictures");
  v.number("memory_weight", memory_weight, 0.0, 100.0, "weight of the pairs with the memory");
  v.number("memory_start", memory_start, 0.0, 1.0, "share of training before the memory is filled and used");
  v.number("memory_trust", memory_trust, 0.0, 1.0, "only items trusted more than this enter the memory");
}

PairLoss::PairLoss(const char* name, const PairOptions& options, const LossContext& context)
    : name_(name),
      hidden_positive_(options.hidden_positive),
      memory_weight_(options.memory_weight),
      memory_start_(options.memory_start),
      memory_trust_(options.memory_trust),
      dim_(context.dim),
      dtype_(context.dtype) {
  const auto capacity = options.memory < 0 ? context.items : options.memory;
  if (options.memory < 0 && capacity < 1)
    throw Error(ErrorCode::kConfig,
                std::string("[") + name + "] memory: -1 requires the number of training pictures, got 0");
  if (capacity > 0) bank_ = std::make_unique<MemoryBank>(capacity, context);
}

bool PairLoss::bank_active(const LossBatch& batch) const { return bank_ && batch.progress >= memory_start_; }

PairView PairLoss::batch_view(const LossBatch& batch, const Targets& targets) const {
  PairView view;
  view.batch = &batch;
  view.z = view.partners = batch.z.to(dtype_);
  view.labels = view.partner_labels = targets.labels;
  if (targets.trust.defined()) view.trust = view.partner_trust = targets.trust.detach();
  view.similarity = at::mm(view.z, view.z.t());
  const auto same = view.labels.unsqueeze(1).eq(view.labels.unsqueeze(0));
  const auto itself = at::eye(view.z.size(0), same.options());
  view.positive = same.logical_and(itself.logical_not());
  view.negative = same.logical_not();
  settle(view, batch);
  return view;
}

PairView PairLoss::bank_view(const PairView& own, const LossBatch& batch) const {
  PairView view = own;
  view.from_bank = true;
  view.partners = bank_->z();
  view.partner_labels = bank_->labels();
  view.partner_trust = bank_->trust();
  if (!view.trust.defined()) view.trust = at::ones({view.z.size(0)}, view.partner_trust.options());
  view.similarity = at::mm(view.z, view.partners.t());
  const auto same = view.labels.unsqueeze(1).eq(view.partner_labels.unsqueeze(0));
  view.positive = same;
  view.negative = same.logical_not();
  settle(view, batch);
  return view;
}

void PairLoss::leave_out_hidden(PairView& view, const LossBatch& batch) const {
  if (hidden_positive_ >= 1) return;
  const auto z = teacher_view(name_, batch).z;
  require_shape(name_, "z_teacher", z, z.scalar_type(), {view.z.size(0), view.z.size(1)});
  const auto teacher = z.detach().to(dtype_);
  const auto near = at::mm(teacher, view.from_bank ? view.partners.t() : teacher.t()) > hidden_positive_;
  view.negative = view.negative.logical_and(near.logical_not());
}

void PairLoss::settle(PairView& view, const LossBatch& batch) const {
  leave_out_hidden(view, batch);
  view.others = view.positive.logical_or(view.negative);
  if (view.partner_trust.defined()) view.positive = view.positive.logical_and((view.partner_trust > 0).unsqueeze(0));
}

LossResult PairLoss::forward(const LossBatch& batch, const Targets& targets) {
  check_batch(name_, batch, 0, dim_);
  check_targets(name_, targets, batch.z.size(0), 0);
  LossResult result;
  const auto own = batch_view(batch, targets);
  add_items(own, result);
  if (!bank_active(batch) || bank_->size() == 0) return result;
  LossResult with_bank;
  add_items(bank_view(own, batch), with_bank);
  for (auto& items : with_bank.items) {
    items.values = memory_weight_ * items.values;
    result.items.push_back(std::move(items));
  }
  for (const auto& [key, value] : with_bank.log) result.log["memory_" + key] = value;
  result.log["memory_size"] = static_cast<double>(bank_->size());
  return result;
}

void PairLoss::after_step(const LossBatch& batch, const Targets& targets) {
  if (!bank_active(batch)) return;
  const auto trust = targets.trust.defined() ? targets.trust.detach() : at::ones_like(batch.z.select(1, 0)).detach();
  const auto kept = (trust > memory_trust_).nonzero().squeeze(1);
  bank_->push(batch.z.detach().index_select(0, kept), targets.labels.index_select(0, kept),
              trust.index_select(0, kept));
}

LossItems PairLoss::triplet_items(const PairView& view, ItemKind kind, const at::Tensor& anchors,
                                  const at::Tensor& positives, const at::Tensor& values) {
  LossItems items;
  items.kind = kind;
  items.values = values;
  items.first = anchors;
  if (!view.from_bank)
    items.second = positives;
  else if (kind != ItemKind::kNegativePair)
    items.second_trust = view.partner_trust.index_select(0, positives);
  return items;
}

LossItems PairLoss::pair_items(const PairView& view, ItemKind kind, const at::Tensor& mask, const at::Tensor& values) {
  const auto places = mask.nonzero();
  return triplet_items(view, kind, places.select(1, 0), places.select(1, 1), values);
}

LossItems PairLoss::anchor_items(const at::Tensor& values, const at::Tensor& positions) {
  LossItems items;
  items.values = values;
  items.first = positions;
  return items;
}

at::Tensor has_any(const at::Tensor& mask) { return mask.any(1); }

}  // namespace winnow
