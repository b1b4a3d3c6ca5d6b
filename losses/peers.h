#pragma once

#include <map>
#include <memory>
#include <string>

#include "losses/loss.h"

namespace winnow {

/// Two networks' views of one batch. Logits are margin-free class scores with gradient.
struct PeerBatch {
  at::Tensor labels;              ///< int64 [B]
  at::Tensor logits_a, logits_b;  ///< float [B, C]
  double rate_estimate = -1;      ///< of the trust estimator; -1 = not known
  int64_t epoch = 0;
};

/// Which items each network learns from, and what they share.
struct PeerVerdict {
  at::Tensor weight_a, weight_b;  ///< float [B], 0 or 1: multiplied into the trust of each network's items
  double scale = 1;               ///< factor of both networks' own losses
  at::Tensor extra;               ///< 0-d with gradient through both logits, added once; undefined = none
};

struct PeerOptions : Options {
  double rate = -1.0, ramp_epochs = 10.0, exponent = 1.0, agreement = 0.65;
  int64_t start_epoch = 5;
  void visit(OptionVisitor& v) override;
};

/// Two networks that choose pictures for one another: of a batch the share 1 - R(t) with the smallest cross entropy is
/// kept, R(t) = rate min(1, (epoch / ramp_epochs)^exponent). `rate` is told, or with -1 taken from the trust estimator
/// (nothing is dropped while that knows nothing).
class PeerRule {
 public:
  virtual ~PeerRule() = default;
  virtual PeerVerdict judge(const PeerBatch& batch) = 0;
};

/// co_teaching: each network's small-loss items train the other one. Han et al., NeurIPS 2018.
std::unique_ptr<PeerRule> make_co_teaching(const Options& options, const LossContext& context);
/// co_teaching_plus: as co_teaching, from start_epoch on only among items whose predictions differ (all of the batch
/// when none does). Yu et al., ICML 2019.
std::unique_ptr<PeerRule> make_co_teaching_plus(const Options& options, const LossContext& context);
/// jocor: both networks keep the items with the smallest joint loss (1 - l)(CE_a + CE_b) + l (KL(a||b) + KL(b||a)), l =
/// agreement, and minimise it together. Wei et al., CVPR 2020.
std::unique_ptr<PeerRule> make_jocor(const Options& options, const LossContext& context);

using PeerFamily = FamilyRegistry<std::function<std::unique_ptr<PeerRule>(const Options&, const LossContext&)>>;
/// none (one network), co_teaching, co_teaching_plus, jocor.
const PeerFamily& peer_family();

/// float [B]: 1 for the `keep` share (rounded down, at least one item) of the smallest `values`; ties by position.
/// @param among bool [B], items that may be kept at all; undefined = all
at::Tensor small_loss_mask(const at::Tensor& values, double keep, const at::Tensor& among = {});

}  // namespace winnow
