#include "losses/proxy_nca.h"

#include <ATen/ATen.h>

#include "losses/margin_softmax.h"
#include "src/core/error.h"

namespace winnow {

void ProxyNcaOptions::visit(OptionVisitor& v) {
  v.number("scale", scale, 0.01, 1000.0, "on squared distances");
  v.choice("denominator", denominator, {"all", "others"}, "classes of the sum: all (ProxyNCA++) or others (ProxyNCA)");
}

// -d^2 = 2 cos - 2, and the constant cancels.
ProxyNca::ProxyNca(const ProxyNcaOptions& options, const LossContext& context)
    : ClassificationLoss("proxy_nca", ClassHead::Kind::kCosine, 2 * options.scale, context), options_(options) {
  if (options.denominator == "others" && context.classes < 2)
    throw Error(ErrorCode::kConfig, "[proxy_nca] denominator: others requires at least 2 classes, got 1");
}

at::Tensor ProxyNca::values(const at::Tensor& logits, const LossBatch&, const Targets& targets) {
  if (options_.denominator == "all") return item_cross_entropy(logits, targets);
  const auto each = log_sum_of_others(logits) - logits;
  if (targets.soft.defined()) return (targets.soft.to(each.scalar_type()) * each).sum(1);
  return each.gather(1, targets.labels.unsqueeze(1)).squeeze(1);
}

}  // namespace winnow
