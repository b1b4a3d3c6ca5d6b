#include "losses/margin_loss.h"

#include <ATen/ATen.h>

#include "losses/masked.h"
#include "src/core/error.h"

namespace winnow {

void MarginLossOptions::visit(OptionVisitor& v) {
  v.number("margin", margin, 0.0, 2.0, "on both sides of beta");
  v.number("beta", beta, 0.0, 2.0, "distance between positives and negatives, or where it starts");
  v.choice("learn_beta", learn_beta, {"none", "shared", "class"}, "train beta, one for all or one for each class");
  v.number("nu", nu, 0.0, 100.0, "weight of the regulariser of a learned beta");
  mining.visit(v);
  visit_memory(v);
  PairOptions::visit(v);
}

MarginLoss::MarginLoss(const MarginLossOptions& options, const LossContext& context)
    : PairLoss("margin", options, context), options_(options), seed_(context.seed) {
  const bool by_class = options.learn_beta == "class";
  if (by_class && context.classes < 1)
    throw Error(ErrorCode::kConfig, "[margin] learn_beta: class requires at least 1 class, got 0");
  beta_ =
      at::full({by_class ? context.classes : 1}, options.beta, at::TensorOptions(context.dtype).device(context.device));
  beta_.requires_grad_(options.learn_beta != "none");
}

std::vector<std::pair<std::string, at::Tensor>> MarginLoss::parameters() {
  if (options_.learn_beta == "none") return {};
  return {{"beta", beta_}};
}

void MarginLoss::add_items(const PairView& view, LossResult& result) {
  const auto t = options_.mining.mine(view, seed_);
  const bool by_class = options_.learn_beta == "class";
  if (by_class && t.size() > 0 && view.labels.max().item<int64_t>() >= beta_.size(0))
    throw Error(ErrorCode::kData, "[margin] labels must be below the " + std::to_string(beta_.size(0)) + " classes");
  const auto beta = by_class ? beta_.index_select(0, view.labels.index_select(0, t.anchor)) : beta_;
  const auto d = unit_distance(view.similarity);
  const auto pull = (d.index({t.anchor, t.positive}) - beta + options_.margin).relu();
  const auto push = (beta - d.index({t.anchor, t.negative}) + options_.margin).relu();
  const double active = (pull > 0).sum().item<double>() + (push > 0).sum().item<double>();
  const double count = static_cast<double>(t.size());
  // The mean over triplets times this is the sum over the terms above 0.
  auto values = (pull + push) * (active > 0 ? count / active : 0.0);
  if (by_class && active > 0) values = values + options_.nu * beta * (count / active);
  result.items.push_back(triplet_items(view, ItemKind::kTriplet, t.anchor, t.positive, values));
  result.log["active_terms"] = active;
  if (options_.learn_beta != "shared" || view.from_bank) return;
  LossItems penalty;
  penalty.kind = ItemKind::kReduced;
  penalty.values = options_.nu * beta_.sum();
  result.items.push_back(std::move(penalty));
}

}  // namespace winnow
