#include "losses/multi_similarity.h"

#include <ATen/ATen.h>

#include "losses/masked.h"

namespace winnow {

void MultiSimilarityOptions::visit(OptionVisitor& v) {
  v.number("alpha", alpha, 1e-3, 1000.0, "sharpness over the positives");
  v.number("beta", beta, 1e-3, 1000.0, "sharpness over the negatives");
  v.number("base", base, -1.0, 1.0, "cosine that both are compared with");
  v.boolean("miner", miner, "keep only pairs within epsilon of the other kind");
  v.number("epsilon", epsilon, 0.0, 2.0, "of the miner");
  visit_memory(v);
  PairOptions::visit(v);
}

void MultiSimilarity::add_items(const PairView& view, LossResult& result) {
  const auto& s = view.similarity;
  auto positive = view.positive, negative = view.negative;
  if (options_.miner) {
    const auto seen = s.detach();
    const auto least = seen.masked_fill(positive.logical_not(), -kNothing).amin(1, true);
    const auto most = seen.masked_fill(negative.logical_not(), kNothing).amax(1, true);
    positive = positive.logical_and(seen - options_.epsilon < most);
    negative = negative.logical_and(seen + options_.epsilon > least);
  }
  const auto pull =
      log_one_plus_exp(masked_logsumexp(options_.alpha * (options_.base - s), positive, view.partner_trust));
  const auto push = log_one_plus_exp(masked_logsumexp(options_.beta * (s - options_.base), negative));
  result.items.push_back(anchor_items(pull / options_.alpha + push / options_.beta));
  result.log["mined_positives"] = positive.sum().item<double>();
  result.log["mined_negatives"] = negative.sum().item<double>();
}

}  // namespace winnow
