#include "losses/sop.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include "src/core/error.h"
#include "src/core/random.h"

namespace winnow {
namespace {

constexpr double kSopFloor = 1e-4, kSopStart = 1e-8;

}  // namespace

void SopOptions::visit(OptionVisitor& v) {
  v.number("rate_u", rate_u, 0.0, 1e6, "learning rate of u; 0.1 for asymmetric noise");
  v.number("rate_v", rate_v, 0.0, 1e6, "learning rate of v; 100 for asymmetric noise");
  HeadOptions::visit(v);
}

Sop::Sop(const SopOptions& options, const LossContext& context)
    : ProbabilityLoss("sop", options, context), options_(options) {
  require_item_class_memory("sop", context);
  auto generator = at::detail::createCPUGenerator(Random(context.seed, "sop").next());
  const auto start = [&](at::IntArrayRef shape) {
    return (at::randn(shape, generator, at::TensorOptions(at::kFloat)) * kSopStart).to(context.device, context.dtype);
  };
  u_ = std::make_unique<ItemVariables>(start({context.items, 1}));
  v_ = std::make_unique<ItemVariables>(start({context.items, context.classes}));
}

at::Tensor Sop::of_labels(const LabelScores& s) {
  const auto u2 = u_->take(s.batch.rows).square(), v2 = v_->take(s.batch.rows).square();
  // For every label k only entry k differs from the common part, so all labels cost as much as one.
  const auto without = (s.log_p.exp() - v2.detach()).clamp_min(kSopFloor);
  const auto with = (s.log_p.exp() + u2).clamp_min(kSopFloor);
  const auto fit = (without.sum(1, true) - without + with).log() - with.log();
  const auto hit = at::zeros_like(s.log_p.detach()).scatter(1, s.log_p.detach().argmax(1, true), 1.0);
  const auto rest = (hit - v2).square();
  const auto square = rest.sum(1, true) - rest + (hit + u2 - 1).square();
  return s.pick(fit + square);
}

void Sop::after_step(const LossBatch&, const Targets&) {
  u_->step(options_.rate_u);
  v_->step(options_.rate_v);
}

}  // namespace winnow
