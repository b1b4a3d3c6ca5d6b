#include "losses/nca.h"

#include <ATen/ATen.h>

#include "losses/masked.h"

namespace winnow {

void NcaOptions::visit(OptionVisitor& v) {
  v.number("scale", scale, 1e-3, 1000.0, "on squared distances");
  visit_memory(v);
  PairOptions::visit(v);
}

void Nca::add_items(const PairView& view, LossResult& result) {
  const auto scores = 2 * options_.scale * view.similarity;  // e^{-scale d^2} but for a factor that cancels
  const auto& positive = view.positive;
  const auto own = masked_logsumexp(scores, positive, view.partner_trust);
  const auto all = masked_logsumexp(scores, view.others);
  const auto anchors = has_any(positive).nonzero().squeeze(1);
  result.items.push_back(anchor_items((all - own).index_select(0, anchors), anchors));
}

}  // namespace winnow
