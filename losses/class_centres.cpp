#include "losses/class_centres.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "src/core/error.h"

namespace winnow {

ClassCentres::ClassCentres(const char* owner, const LossContext& context) {
  if (context.classes < 1 || context.dim < 1)
    throw Error(ErrorCode::kConfig, std::string("[") + owner + "] classes and dim of at least 1 are required, got " +
                                        std::to_string(context.classes) + " and " + std::to_string(context.dim));
  const auto floats = at::TensorOptions(context.dtype).device(context.device);
  sums_ = at::zeros({context.classes, context.dim}, floats);
  mass_ = at::zeros({context.classes}, floats.dtype(at::kDouble));
  sizes_ = at::zeros({context.classes}, floats.dtype(at::kDouble));
  counting_ = at::ones({}, at::TensorOptions(at::kBool));
}

void ClassCentres::add(const at::Tensor& z, const at::Tensor& labels, const at::Tensor& weights) {
  const at::NoGradGuard no_grad;
  const auto w = weights.to(sums_.scalar_type());
  const auto entering = at::zeros_like(mass_).index_add(0, labels, w.to(at::kDouble));
  if (counting_.item<bool>()) {
    sizes_.add_(labels.bincount({}, sizes_.size(0)).to(at::kDouble));
  } else {
    const auto keep = (1 - sizes_.clamp_min(1.0).reciprocal()).pow(entering);
    mass_.mul_(keep);
    sums_.mul_(keep.to(sums_.scalar_type()).unsqueeze(1));
  }
  sums_.index_add_(0, labels, z.to(sums_.scalar_type()) * w.unsqueeze(1));
  mass_.add_(entering);
}

at::Tensor ClassCentres::unit() const { return sums_ / sums_.norm(2, {1}, true).clamp_min(1e-12); }

at::Tensor ClassCentres::seen() const { return mass_ > 1e-6; }

LossState ClassCentres::state() const {
  return {{"centres.sums", sums_}, {"centres.mass", mass_}, {"centres.sizes", sizes_}, {"centres.counting", counting_}};
}

at::Tensor centre_margin(const at::Tensor& cosine, const at::Tensor& labels, const at::Tensor& seen) {
  const auto at_label = labels.unsqueeze(1);
  const auto others = cosine.masked_fill(seen.logical_not().unsqueeze(0), -1.0).scatter(1, at_label, -1.0);
  return cosine.gather(1, at_label).squeeze(1) - others.amax({1});
}

}  // namespace winnow
