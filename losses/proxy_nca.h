#pragma once

#include <string>

#include "losses/classification_loss.h"

namespace winnow {

struct ProxyNcaOptions : Options {
  double scale = 9.0;
  std::string denominator = "all";
  void visit(OptionVisitor& v) override;
};

/// -log e^{-scale d^2(z, p_y)} / sum_j e^{-scale d^2(z, p_j)}, p_j a unit proxy of each class and d^2 the squared
/// distance of unit vectors. The sum runs over all classes (ProxyNCA++) or over the others (ProxyNCA, which may fall
/// below 0). Source: Movshovitz-Attias et al., ICCV 2017; Teh et al., ECCV 2020 (vectors of length 3, so scale 9).
/// pytorch-metric-learning 2.9 has `all` with scale 1.
class ProxyNca : public ClassificationLoss {
 public:
  /// @throws Error(kConfig) for `others` with fewer than 2 classes
  ProxyNca(const ProxyNcaOptions& options, const LossContext& context);

 protected:
  at::Tensor values(const at::Tensor& logits, const LossBatch&, const Targets& targets) override;

 private:
  ProxyNcaOptions options_;
};

}  // namespace winnow
