#include "losses/class_head.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>

#include <cmath>

#include "src/core/error.h"

namespace winnow {
namespace {

constexpr double kNormFloor = 1e-12;

/// A generator of its own, so that neither Torch's global seed nor the order of set-up changes the weights.
at::Generator weight_generator(uint64_t seed) {
  return at::detail::createCPUGenerator(Random(seed, "class_head").next());
}

at::Tensor as_parameter(const at::Tensor& values, const LossContext& context) {
  return values.to(context.device, context.dtype).contiguous().requires_grad_(true);
}

}  // namespace

ClassHead::ClassHead(const char* name, Kind kind, double scale, const LossContext& context, SubCentres centres)
    : name_(name), kind_(kind), scale_(scale), classes_(context.classes), centres_(centres) {
  if (context.classes < 1 || context.dim < 1)
    throw Error(ErrorCode::kConfig, std::string("[") + name + "] classes and dim of at least 1 are required, got " +
                                        std::to_string(context.classes) + " and " + std::to_string(context.dim));
  auto generator = weight_generator(context.seed);
  const std::vector<int64_t> shape{context.classes * centres.per_class, context.dim};
  if (kind == Kind::kCosine) {
    weight_ = as_parameter(at::randn(shape, generator, at::TensorOptions(at::kFloat)), context);
    return;
  }
  const double bound = 1.0 / std::sqrt(static_cast<double>(context.dim));
  const auto uniform = [&](at::IntArrayRef sizes) {
    return at::empty(sizes, at::TensorOptions(at::kFloat)).uniform_(-bound, bound, generator);
  };
  weight_ = as_parameter(uniform(shape), context);
  bias_ = as_parameter(uniform({context.classes}), context);
}

const at::Tensor& ClassHead::input(const LossBatch& batch) const {
  if (kind_ == Kind::kCosine) return batch.z;
  if (!batch.raw.defined())
    throw Error(ErrorCode::kShape, std::string("[") + name_ + "] raw embeddings are required, got nothing");
  return batch.raw;
}

bool ClassHead::kept_for(const at::Tensor& input) const {
  return kept_.defined() && kept_input_.is_same(input) && at::GradMode::is_enabled() &&
         kept_version_ == weight_._version();
}

at::Tensor ClassHead::pooled(const at::Tensor& cosine) const {
  if (centres_.per_class == 1) return cosine;
  const auto by_class = cosine.view({cosine.size(0), classes_, centres_.per_class});
  if (centres_.softness == 0) return by_class.amax(2);
  return (at::softmax(by_class / centres_.softness, 2) * by_class).sum(2);
}

at::Tensor ClassHead::logits(const LossBatch& batch) {
  const auto& given = input(batch);
  if (kept_for(given)) return kept_;
  const auto x = given.to(weight_.scalar_type());
  at::Tensor scores;
  if (kind_ == Kind::kCosine) {
    const auto unit = weight_ / weight_.norm(2, 1, true).clamp_min(kNormFloor);
    scores = scale_ * pooled(at::mm(x, unit.t()));
  } else {
    scores = at::addmm(bias_, x, weight_.t());
  }
  if (at::GradMode::is_enabled()) {
    kept_ = scores;
    kept_input_ = given;
    kept_version_ = weight_._version();
  }
  return scores;
}

at::Tensor ClassHead::take(const LossBatch& batch) {
  const auto scores = logits(batch);
  kept_ = kept_input_ = at::Tensor();
  return scores;
}

std::vector<std::pair<std::string, at::Tensor>> ClassHead::parameters() const {
  std::vector<std::pair<std::string, at::Tensor>> out{{"weight", weight_}};
  if (bias_.defined()) out.emplace_back("bias", bias_);
  return out;
}

}  // namespace winnow
