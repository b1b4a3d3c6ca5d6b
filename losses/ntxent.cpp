#include "losses/ntxent.h"

#include <ATen/ATen.h>

#include "losses/masked.h"

namespace winnow {

void NtXentOptions::visit(OptionVisitor& v) {
  v.number("temperature", temperature, 1e-3, 10.0, "of the softmax over cosines");
  visit_memory(v);
  PairOptions::visit(v);
}

void NtXent::add_items(const PairView& view, LossResult& result) {
  const auto scores = view.similarity / options_.temperature;
  const auto against = masked_logsumexp(scores, view.negative);
  const auto values = log_one_plus_exp(against.unsqueeze(1) - scores).masked_select(view.positive);
  result.items.push_back(pair_items(view, ItemKind::kPositivePair, view.positive, values));
}

}  // namespace winnow
