#include "tests/unit/losses/loss_support.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

namespace winnow::test {

LossContext small_context(at::ScalarType dtype) {
  LossContext context;
  context.classes = 5;
  context.dim = 4;
  context.items = 20;
  context.total_steps = 100;
  context.steps_per_epoch = 10;
  context.seed = 3;
  context.dtype = dtype;
  return context;
}

LossBatch random_batch(int64_t size, const LossContext& context, uint64_t seed) {
  auto generator = at::detail::createCPUGenerator(seed);
  LossBatch batch;
  const auto raw = at::randn({size, context.dim}, generator, at::TensorOptions(at::kDouble)).to(context.dtype);
  batch.raw = (2 * raw).requires_grad_(true);
  batch.z = (raw / raw.norm(2, 1, true)).requires_grad_(true);
  batch.labels = at::randint(context.classes, {size}, generator, at::TensorOptions(at::kLong));
  batch.rows = at::randperm(context.items, generator, at::TensorOptions(at::kLong)).narrow(0, 0, size).clone();
  batch.progress = 0.5;
  return batch;
}

Targets given_targets(const LossBatch& batch) {
  return {batch.labels, {}, at::ones({batch.labels.size(0)}, batch.z.options().requires_grad(false))};
}

std::unique_ptr<Loss> make_loss(const std::string& name, const LossContext& context, const Tweak& tweak) {
  const auto options = loss_family().make_options(name);
  if (tweak) tweak(*options);
  return loss_family().maker(name)(*options, context);
}

std::unique_ptr<TargetPolicy> make_policy(const std::string& name, const LossContext& context, const Tweak& tweak) {
  const auto options = policy_family().make_options(name);
  if (tweak) tweak(*options);
  return policy_family().maker(name)(*options, context);
}

at::Tensor reduced(Loss& loss, const LossBatch& batch, const Targets& targets) {
  return reduce_items(loss.forward(batch, targets).items, targets.trust);
}

at::Tensor first_values(Loss& loss, const LossBatch& batch, const Targets& targets) {
  return loss.forward(batch, targets).items.at(0).values;
}

at::Tensor gradient(const at::Tensor& value, const at::Tensor& input) {
  input.mutable_grad() = at::Tensor();
  if (value.requires_grad()) value.backward();
  const auto out = input.grad().defined() ? input.grad().clone() : at::zeros_like(input).detach();
  input.mutable_grad() = at::Tensor();
  return out;
}

at::Tensor central_differences(const std::function<double()>& value, const at::Tensor& input, double step) {
  const at::NoGradGuard no_grad;
  const auto out = at::zeros_like(input).detach();
  const auto flat = input.detach().view({-1});
  for (int64_t i = 0; i < flat.numel(); ++i) {
    const auto place = flat[i];
    const double here = place.item<double>();
    place.fill_(here + step);
    const double above = value();
    place.fill_(here - step);
    const double below = value();
    place.fill_(here);
    out.view({-1})[i] = (above - below) / (2 * step);
  }
  return out;
}

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a.detach().to(at::kDouble) - b.detach().to(at::kDouble)).abs().max().item<double>();
}

bool same_bits(const at::Tensor& a, const at::Tensor& b) { return at::equal(a.detach(), b.detach()); }

LossState copy_of(const LossState& state) {
  LossState out;
  for (const auto& [name, tensor] : state) out.emplace_back(name, tensor.detach().clone());
  return out;
}

ErrorCode code_of(const std::function<void()>& run) {
  try {
    run();
  } catch (const Error& error) {
    EXPECT_EQ(error.what()[0], '[') << "a message starts with its place: " << error.what();
    return error.code();
  }
  ADD_FAILURE() << "an Error was expected, none came";
  return ErrorCode::kInternal;
}

}  // namespace winnow::test
