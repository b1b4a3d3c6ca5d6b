#pragma once

#include "losses/triplet_miner.h"

namespace winnow {

struct MarginLossOptions : PairOptions {
  double margin = 0.2, beta = 1.2, nu = 0.0;
  std::string learn_beta = "none";
  TripletMiner mining;
  void visit(OptionVisitor& v) override;
};

/// Margin loss over triplets: [d_ap - beta + margin]+ + [beta - d_an + margin]+, summed and divided by the number of
/// terms above 0. beta may be learned, one for all or one for each class, with the regulariser nu beta.
/// Source: Wu et al., ICCV 2017. Defaults as pytorch-metric-learning 2.9.
class MarginLoss : public PairLoss {
 public:
  MarginLoss(const MarginLossOptions& options, const LossContext& context);
  std::vector<std::pair<std::string, at::Tensor>> parameters() override;

 protected:
  void add_items(const PairView& view, LossResult& result) override;

 private:
  MarginLossOptions options_;
  uint64_t seed_;
  at::Tensor beta_;  // [1] or [C]
};

}  // namespace winnow
