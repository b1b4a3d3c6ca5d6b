#include "losses/contrastive.h"

#include <ATen/ATen.h>

#include "src/core/error.h"

namespace winnow {

void ContrastiveOptions::visit(OptionVisitor& v) {
  v.number("pos_margin", pos_margin, -1.0, 1.0, "cosine that positives are pulled up to");
  v.number("neg_margin", neg_margin, -1.0, 1.0, "cosine under which negatives are left alone");
  v.integer("memory", memory, -1, 100000000, "entries of the cross-batch memory; 0 = batch only, -1 = all pictures");
  v.number("memory_weight", memory_weight, 0.0, 100.0, "weight of the pairs with the memory");
  v.number("memory_start", memory_start, 0.0, 1.0, "share of training before the memory is filled and used");
  v.number("memory_trust", memory_trust, 0.0, 1.0, "only items trusted more than this enter the memory");
}

Contrastive::Contrastive(const ContrastiveOptions& options, const LossContext& context)
    : options_(options), dim_(context.dim), dtype_(context.dtype) {
  const auto capacity = options.memory < 0 ? context.items : options.memory;
  if (options.memory < 0 && capacity < 1)
    throw Error(ErrorCode::kConfig, "[contrastive] memory: -1 requires the number of training pictures, got 0");
  if (capacity > 0) bank_ = std::make_unique<MemoryBank>(capacity, context);
}

bool Contrastive::bank_active(const LossBatch& batch) const { return bank_ && batch.progress >= options_.memory_start; }

void Contrastive::add_pairs(LossResult& result, const at::Tensor& similarity, const at::Tensor& same,
                            const at::Tensor& allowed, bool from_bank) const {
  const double weight = from_bank ? options_.memory_weight : 1.0;
  const auto detached = similarity.detach();
  auto is_positive = same.logical_and(detached < options_.pos_margin);
  if (allowed.defined()) is_positive = is_positive.logical_and(allowed);
  const auto is_negative = same.logical_not().logical_and(detached > options_.neg_margin);
  const auto entry = [&](ItemKind kind, const at::Tensor& mask, const at::Tensor& values) {
    const auto places = mask.nonzero();  // row-major, the order of masked_select
    LossItems items{kind, weight * values, places.select(1, 0), {}, {}, Averaging::kAnchors};
    if (!from_bank) items.second = places.select(1, 1);
    if (from_bank && kind == ItemKind::kPositivePair)
      items.second_trust = bank_->trust().index_select(0, places.select(1, 1));
    const std::string name = kind == ItemKind::kPositivePair ? "active_positives" : "active_negatives";
    result.log[(from_bank ? "memory_" : "") + name] = static_cast<double>(values.size(0));
    result.items.push_back(std::move(items));
  };
  entry(ItemKind::kPositivePair, is_positive, options_.pos_margin - similarity.masked_select(is_positive));
  entry(ItemKind::kNegativePair, is_negative, similarity.masked_select(is_negative));
}

LossResult Contrastive::forward(const LossBatch& batch, const Targets& targets) {
  check_batch("contrastive", batch, 0, dim_);
  check_targets("contrastive", targets, batch.z.size(0), 0);
  const auto labels = targets.labels.unsqueeze(1);
  const auto others = at::eye(batch.z.size(0), labels.options().dtype(at::kBool)).logical_not();
  LossResult result;
  const auto z = batch.z.to(dtype_);
  add_pairs(result, at::mm(z, z.t()), labels.eq(labels.t()), others, false);
  if (bank_active(batch) && bank_->size() > 0) {
    add_pairs(result, at::mm(z, bank_->z().t()), labels.eq(bank_->labels().unsqueeze(0)), {}, true);
    result.log["memory_size"] = static_cast<double>(bank_->size());
  }
  return result;
}

void Contrastive::after_step(const LossBatch& batch, const Targets& targets) {
  if (!bank_active(batch)) return;
  const auto trust = targets.trust.defined() ? targets.trust.detach() : at::ones_like(batch.z.select(1, 0)).detach();
  const auto kept = (trust > options_.memory_trust).nonzero().squeeze(1);
  bank_->push(batch.z.detach().index_select(0, kept), targets.labels.index_select(0, kept),
              trust.index_select(0, kept));
}

}  // namespace winnow
