#include "losses/instance.h"

#include <ATen/ATen.h>

#include "src/core/error.h"

namespace winnow {
namespace {

LossContext pictures_as_classes(LossContext context) {
  context.classes = context.items;
  return context;
}

}  // namespace

void InstanceOptions::visit(OptionVisitor& v) { v.number("gamma", gamma, 0.01, 1000.0, "factor on the cosines"); }

Instance::Instance(const InstanceOptions& options, const LossContext& context)
    : head_("instance", ClassHead::Kind::kCosine, options.gamma, pictures_as_classes(context)) {}

LossResult Instance::forward(const LossBatch& batch, const Targets& targets) {
  check_batch("instance", batch, 0, head_.dim());
  check_targets("instance", targets, batch.z.size(0), 0);
  if (!batch.rows.defined()) throw Error(ErrorCode::kShape, "[instance] rows are required, got nothing");
  const auto rows = batch.rows;
  if (rows.min().item<int64_t>() < 0 || rows.max().item<int64_t>() >= head_.classes())
    throw Error(ErrorCode::kData, "[instance] rows must be in [0, " + std::to_string(head_.classes()) + ")");
  LossItems items;
  items.values = -at::log_softmax(head_.take(batch), 1).gather(1, rows.unsqueeze(1)).squeeze(1);
  LossResult result;
  result.items.push_back(std::move(items));
  return result;
}

}  // namespace winnow
