#include "losses/random_partners.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "losses/shapes.h"
#include "src/core/random.h"

namespace winnow {
namespace {

constexpr double kLeastPeerP = 1e-8, kLeastComplement = 1e-5;

/// One number for each row of the batch, by its row and not by its place.
std::vector<uint64_t> row_draws(const LossBatch& batch, uint64_t seed, const char* purpose) {
  require_shape("random partners", "rows", batch.rows, at::kLong, {batch.labels.size(0)});
  const auto rows = batch.rows.to(at::kCPU).contiguous();
  std::vector<uint64_t> out;
  for (int64_t i = 0; i < rows.numel(); ++i)
    out.push_back(Random(seed, purpose, static_cast<uint64_t>(rows.const_data_ptr<int64_t>()[i]),
                         static_cast<uint64_t>(batch.step))
                      .next());
  return out;
}

}  // namespace

at::Tensor drawn_order(const LossBatch& batch, uint64_t seed, const char* purpose) {
  const auto draws = row_draws(batch, seed, purpose);
  std::vector<int64_t> order(draws.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return draws[static_cast<size_t>(a)] < draws[static_cast<size_t>(b)]; });
  return at::tensor(order, at::TensorOptions(at::kLong)).to(batch.labels.device());
}

void PeerLossOptions::visit(OptionVisitor& v) {
  v.number("alpha", alpha, 0.0, 100.0, "weight of the peer term at its end");
  v.number("start", start, 0.0, 1.0, "share of training before the peer term");
  v.number("ramp", ramp, 0.0, 1.0, "share of training in which it grows");
  HeadOptions::visit(v);
}

double PeerLossOptions::alpha_at(double progress) const {
  if (progress < start) return 0;
  return alpha * (ramp > 0 ? std::min(1.0, (progress - start) / ramp) : 1.0);
}

at::Tensor PeerLossOptions::value(const LabelScores& s) const {
  const double weight = alpha_at(s.batch.progress);
  if (weight == 0) return -s.own();
  const auto item = drawn_order(s.batch, s.context.seed, "peer item");
  const auto input = drawn_order(s.batch, s.context.seed, "peer input");
  const auto label = drawn_order(s.batch, s.context.seed, "peer label");
  const auto labels = s.batch.labels.index_select(0, label).unsqueeze(1);
  auto peer = -s.log_p.index_select(0, input).gather(1, labels).clamp_min(std::log(kLeastPeerP));
  if (s.trust.defined()) peer = peer * s.trust.to(peer.scalar_type()).index_select(0, input).unsqueeze(1);
  return -s.own() - weight * at::zeros_like(peer).index_copy(0, item, peer);
}

void NlnlOptions::visit(OptionVisitor& v) {
  v.integer("negatives", negatives, 1, 1000, "complementary classes drawn for each item");
  HeadOptions::visit(v);
}

at::Tensor NlnlOptions::value(const LabelScores& s) const {
  const auto classes = s.log_p.size(1);
  if (classes < 2) return at::zeros_like(s.own()) * s.own();
  const auto label = s.labels.defined() ? s.labels : at::arange(classes, s.batch.labels.options()).unsqueeze(0);
  const auto draws = row_draws(s.batch, s.context.seed, "nlnl");
  at::Tensor sum;
  for (int64_t n = 0; n < negatives; ++n) {
    std::vector<int64_t> shift;
    for (const auto draw : draws)
      shift.push_back(1 +
                      static_cast<int64_t>(
                          Random(draw, "nlnl", static_cast<uint64_t>(n)).below(static_cast<uint64_t>(classes - 1))));
    const auto by = at::tensor(shift, at::TensorOptions(at::kLong)).to(label.device()).unsqueeze(1);
    const auto other = (label + by).remainder(classes);
    const auto loss = -complement(s.log_p.gather(1, other)).clamp_min(kLeastComplement).log();
    sum = sum.defined() ? sum + loss : loss;
  }
  return sum / static_cast<double>(negatives);
}

}  // namespace winnow
