#include "losses/item_variables.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "losses/item_memory.h"
#include "src/core/error.h"

namespace winnow {

void require_item_class_memory(const char* name, const LossContext& context) {
  constexpr double kMostBytes = 4.0 * (1 << 30);
  const double bytes = static_cast<double>(context.items) * static_cast<double>(context.classes) *
                       static_cast<double>(at::elementSize(context.dtype));
  if (context.items < 1 || bytes > kMostBytes)
    throw Error(ErrorCode::kConfig,
                std::string("[") + name + "] a value for each picture and class up to 4 GiB is required, got " +
                    std::to_string(context.items) + " pictures and " + std::to_string(context.classes) + " classes");
}

at::Tensor ItemVariables::take(const at::Tensor& rows) {
  require_rows("item variables", rows, values_.size(0));
  return take(rows, values_.index_select(0, rows));
}

at::Tensor ItemVariables::take(const at::Tensor& rows, const at::Tensor& now) {
  rows_ = rows;
  taken_ = now.detach().clone().requires_grad_(true);
  return taken_;
}

bool ItemVariables::step(double rate) {
  const bool moved = taken_.defined() && taken_.grad().defined();
  if (moved) {
    const at::NoGradGuard no_grad;
    const auto last = last_positions(rows_);
    values_.index_copy_(0, rows_.index_select(0, last), taken_.detach().index_select(0, last));
    values_.index_add_(0, rows_, taken_.grad(), -rate);
  }
  taken_ = rows_ = at::Tensor();
  return moved;
}

}  // namespace winnow
