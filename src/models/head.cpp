#include "src/models/head.h"

#include <ATen/ops/dropout.h>
#include <ATen/ops/full.h>

namespace winnow {
namespace {

constexpr double kGemFloor = 1e-6;

}  // namespace

Pool::Pool(const ModelOptions& options) : kind(options.pool), learn_p(options.gem_learn) {
  if (kind == "gem") p = at::full({1}, options.gem_p, at::TensorOptions(at::kFloat)).requires_grad_(learn_p);
}

at::Tensor Pool::forward(const at::Tensor& features) const {
  if (kind == "max") return features.amax({2, 3});
  if (kind == "avg") return features.mean({2, 3});
  // Powers of bfloat16 values lose the small ones.
  return features.to(at::kFloat).clamp_min(kGemFloor).pow(p).mean({2, 3}).pow(p.reciprocal());
}

void Pool::visit(const TensorVisitor& visitor) {
  if (p.defined()) visitor("pool.p", p, learn_p);
}

Head::Head(const ModelOptions& options, int64_t channels, const Initializer& init)
    : dropout(options.dropout), dim(channels) {
  if (options.head == "bn") bn.emplace("embedding", channels);
  if (options.head != "linear" && options.head != "linear_bn") return;
  dim = options.dim;
  const bool with_bn = options.head == "linear_bn";
  linear.emplace(with_bn ? "embedding.0" : "embedding", channels, dim, !with_bn, init);
  if (with_bn) bn.emplace("embedding.1", dim);
}

at::Tensor Head::forward(const at::Tensor& pooled, bool training) const {
  at::Tensor y = pooled;
  if (linear) {
    if (training && dropout > 0.0) y = at::dropout(y, dropout, true);
    y = linear->forward(y);
  }
  return bn ? bn->forward(y, training) : y;
}

void Head::visit(const TensorVisitor& visitor) {
  if (linear) linear->visit(visitor);
  if (bn) bn->visit(visitor);
}

}  // namespace winnow
