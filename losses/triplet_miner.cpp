#include "losses/triplet_miner.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "losses/masked.h"
#include "src/core/random.h"

namespace winnow {
namespace {

constexpr double kFar = 1e9;  // beyond every distance
constexpr double kNearCutoff = 0.5, kNoLossCutoff = 1.4;

Triplets keep(const Triplets& t, const at::Tensor& mask) {
  return {t.anchor.masked_select(mask), t.positive.masked_select(mask), t.negative.masked_select(mask)};
}

at::Tensor at_pairs(const at::Tensor& matrix, const at::Tensor& rows, const at::Tensor& columns) {
  return matrix.index({rows, columns});
}

/// One triplet for each anchor that has a positive and an allowed negative.
Triplets one_for_each(const at::Tensor& positive, const at::Tensor& negative, const at::Tensor& usable) {
  const auto anchors = usable.nonzero().squeeze(1);
  return {anchors, positive.index_select(0, anchors), negative.index_select(0, anchors)};
}

Triplets batch_hard(const PairView& view, const at::Tensor& d) {
  const auto farthest = d.masked_fill(view.positive.logical_not(), -kFar).argmax(1);
  const auto nearest = d.masked_fill(view.negative.logical_not(), kFar).argmin(1);
  return one_for_each(farthest, nearest, has_any(view.positive).logical_and(has_any(view.negative)));
}

Triplets batch_easy(const PairView& view, const at::Tensor& d) {
  const auto [near, positive] = d.masked_fill(view.positive.logical_not(), kFar).min(1, true);
  const auto beyond = view.negative.logical_and(d > near);
  const auto negative = d.masked_fill(beyond.logical_not(), kFar).argmin(1);
  return one_for_each(positive.squeeze(1), negative, has_any(view.positive).logical_and(has_any(beyond)));
}

/// log 1/q(d) of Wu et al.; -inf where no negative is drawn.
std::vector<double> draw_weights(const PairView& view, const at::Tensor& d) {
  const double dim = static_cast<double>(view.z.size(1));
  const auto held = d.to(at::kDouble).clamp_min(kNearCutoff);
  const auto log_weight = (2 - dim) * held.log() - (dim - 3) / 2 * (1 - 0.25 * held * held).clamp_min(1e-12).log();
  const auto allowed = view.negative.logical_and(held < kNoLossCutoff);
  const auto out = log_weight.masked_fill(allowed.logical_not(), -INFINITY).contiguous().to(at::kCPU);
  return {out.data_ptr<double>(), out.data_ptr<double>() + out.numel()};
}

/// A key for the draw of a pair that does not depend on the order of the batch: the anchor's row, and the partner's.
std::vector<int64_t> draw_keys(const PairView& view) {
  const auto rows =
      view.batch->rows.defined() ? view.batch->rows : at::arange(view.z.size(0), at::TensorOptions(at::kLong));
  const auto cpu = rows.to(at::kCPU).contiguous();
  return {cpu.data_ptr<int64_t>(), cpu.data_ptr<int64_t>() + cpu.numel()};
}

Triplets distance_weighted(const PairView& view, const at::Tensor& d, uint64_t seed) {
  const auto weights = draw_weights(view, d);
  const auto keys = draw_keys(view);
  const auto pairs = view.positive.nonzero().to(at::kCPU).contiguous();
  const auto partners = view.similarity.size(1);
  const auto step = static_cast<uint64_t>(view.batch->step);
  std::vector<int64_t> anchors, positives, negatives;
  const auto* pair = pairs.data_ptr<int64_t>();
  for (int64_t k = 0; k < pairs.size(0); ++k) {
    const auto a = pair[2 * k], p = pair[2 * k + 1];
    const auto key_of = [&](int64_t partner) {
      return static_cast<uint64_t>(view.from_bank ? partner : keys[static_cast<size_t>(partner)]);
    };
    double best = -INFINITY;
    int64_t chosen = -1;
    for (int64_t n = 0; n < partners; ++n) {
      const double weight = weights[static_cast<size_t>(a * partners + n)];
      if (weight == -INFINITY) continue;
      // Gumbel's trick: the largest of log w + G is a draw with probability ~ w.
      Random random(seed ^ (step << 20), "distance_weighted",
                    (static_cast<uint64_t>(keys[static_cast<size_t>(a)]) << 32) ^ key_of(p), key_of(n));
      const double score = weight - std::log(-std::log(std::max(random.uniform(), 1e-300)));
      if (score > best) best = score, chosen = n;
    }
    if (chosen < 0) continue;
    anchors.push_back(a), positives.push_back(p), negatives.push_back(chosen);
  }
  const auto as_tensor = [&](const std::vector<int64_t>& values) {
    return at::tensor(values, at::TensorOptions(at::kLong)).to(view.labels.device());
  };
  return {as_tensor(anchors), as_tensor(positives), as_tensor(negatives)};
}

at::Tensor wide_angle(const PairView& view, const Triplets& t, double degrees) {
  const auto a = view.z.detach().index_select(0, t.anchor), p = view.partners.detach().index_select(0, t.positive);
  const auto n = view.partners.detach().index_select(0, t.negative);
  const auto angle = at::atan2((a - p).norm(2, 1), 2 * (n - (a + p) / 2).norm(2, 1));
  return angle > degrees * M_PI / 180;
}

}  // namespace

void TripletMiner::visit(OptionVisitor& v) {
  v.choice("miner", miner,
           {"all", "violating", "hard", "semihard", "easy", "batch_hard", "batch_easy", "distance_weighted", "angular"},
           "which triplets count; batch_hard seeks out wrong labels");
  v.number("miner_margin", miner_margin, 0.0, 2.0, "of the miners violating, semihard and easy");
  v.number("miner_angle", miner_angle, 0.0, 90.0, "of the miner angular, degrees");
}

Triplets all_triplets(const PairView& view) {
  const auto pairs = view.positive.nonzero();
  const auto anchors = pairs.select(1, 0), positives = pairs.select(1, 1);
  const auto places = view.negative.index_select(0, anchors).nonzero();
  const auto which = places.select(1, 0);
  return {anchors.index_select(0, which), positives.index_select(0, which), places.select(1, 1)};
}

Triplets TripletMiner::mine(const PairView& view, uint64_t seed) const {
  const auto d = unit_distance(view.similarity.detach());
  if (miner == "batch_hard") return batch_hard(view, d);
  if (miner == "batch_easy") return batch_easy(view, d);
  if (miner == "distance_weighted") return distance_weighted(view, d, seed);
  const auto every = all_triplets(view);
  if (miner == "all") return every;
  if (miner == "angular") return keep(every, wide_angle(view, every, miner_angle));
  const auto gap = at_pairs(d, every.anchor, every.negative) - at_pairs(d, every.anchor, every.positive);
  if (miner == "easy") return keep(every, gap > miner_margin);
  auto mask = gap <= miner_margin;
  if (miner == "hard") mask = mask.logical_and(gap <= 0);
  if (miner == "semihard") mask = mask.logical_and(gap > 0);
  return keep(every, mask);
}

}  // namespace winnow
