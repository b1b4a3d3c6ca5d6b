#include "losses/memory_bank.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "losses/shapes.h"
#include "src/core/error.h"

namespace winnow {

MemoryBank::MemoryBank(int64_t capacity, const LossContext& context) {
  if (capacity < 1 || context.dim < 1)
    throw Error(ErrorCode::kConfig, "[memory bank] a capacity and dim of at least 1 are required, got " +
                                        std::to_string(capacity) + " and " + std::to_string(context.dim));
  const auto floats = at::TensorOptions(context.dtype).device(context.device);
  z_ = at::zeros({capacity, context.dim}, floats);
  trust_ = at::zeros({capacity}, floats);
  labels_ = at::zeros({capacity}, at::TensorOptions(at::kLong).device(context.device));
  pushed_ = at::zeros({}, at::TensorOptions(at::kLong));
}

int64_t MemoryBank::size() const { return std::min(capacity(), pushed_.item<int64_t>()); }

void MemoryBank::push(const at::Tensor& z, const at::Tensor& labels, const at::Tensor& trust) {
  const at::NoGradGuard no_grad;
  const auto rows = z.size(0);
  require_shape("memory bank", "z", z, z.scalar_type(), {rows, z_.size(1)});
  require_shape("memory bank", "labels", labels, at::kLong, {rows});
  require_shape("memory bank", "trust", trust, trust.scalar_type(), {rows});
  const auto kept = std::min(rows, capacity()), skipped = rows - kept;
  if (kept == 0) return;
  const auto start = pushed_.item<int64_t>() + skipped;
  const auto places = (at::arange(kept, labels_.options()) + start).remainder(capacity());
  z_.index_copy_(0, places, z.narrow(0, skipped, kept).to(z_.scalar_type()));
  labels_.index_copy_(0, places, labels.narrow(0, skipped, kept));
  trust_.index_copy_(0, places, trust.narrow(0, skipped, kept).to(trust_.scalar_type()));
  pushed_.add_(rows);
}

LossState MemoryBank::state() const {
  return {{"bank.z", z_}, {"bank.labels", labels_}, {"bank.trust", trust_}, {"bank.pushed", pushed_}};
}

}  // namespace winnow
