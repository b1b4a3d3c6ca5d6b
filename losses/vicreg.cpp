#include "losses/vicreg.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "src/core/error.h"

namespace winnow {

void VicRegOptions::visit(OptionVisitor& v) {
  v.number("invariance", invariance, 0.0, 1000.0, "weight of the distance of positives");
  v.number("variance", variance, 0.0, 1000.0, "weight of the hinge on the spread of each coordinate");
  v.number("covariance", covariance, 0.0, 1000.0, "weight of the decorrelation of coordinates");
  v.number("eps", eps, 1e-12, 1.0, "added to variances");
  PairOptions::visit(v);
}

void VicReg::add_items(const PairView& view, LossResult& result) {
  if (!view.batch->raw.defined()) throw Error(ErrorCode::kShape, "[vicreg] raw embeddings are required, got nothing");
  const auto x = view.batch->raw.to(dtype());
  const double dim = static_cast<double>(x.size(1)), count = static_cast<double>(std::max<int64_t>(2, x.size(0)));
  const auto pairs = view.positive.nonzero();
  const auto anchors = pairs.select(1, 0), positives = pairs.select(1, 1);
  const auto gap = (x.index_select(0, anchors) - x.index_select(0, positives)).square().mean(1);
  result.items.push_back(triplet_items(view, ItemKind::kPositivePair, anchors, positives, options_.invariance * gap));
  const auto centred = x - x.mean(0, true);
  const auto covariance = at::mm(centred.t(), centred) / (count - 1);
  const auto spread = (covariance.diagonal() + options_.eps).sqrt();
  const auto off_diagonal = covariance - covariance.diagonal().diag();
  LossItems items;
  items.kind = ItemKind::kReduced;
  items.values =
      options_.variance * (1 - spread).relu().mean() + options_.covariance * off_diagonal.square().sum() / dim;
  result.items.push_back(std::move(items));
}

}  // namespace winnow
