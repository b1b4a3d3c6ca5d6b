#include <ATen/Context.h>
#include <ATen/core/Generator.h>
#include <ATen/ops/tensor.h>

#include "src/training/step.h"

namespace winnow {
namespace {

/// The peer starts elsewhere, or it would stay a copy.
constexpr uint64_t kPeerSeed = 0x9e3779b97f4a7c15ULL;

}  // namespace

TrainStep::TrainStep(const ExperimentConfig& config, const TrainingData& data, const Compute& compute,
                     int64_t steps_per_epoch)
    : config_(config),
      data_(data),
      schedule_(config.training, steps_per_epoch),
      total_steps_(steps_per_epoch * config.training.epochs),
      learner_(config, data, compute, steps_per_epoch, static_cast<uint64_t>(config.training.seed)) {
  const LossContext context =
      make_loss_context(config, data, learner_.model().dim(), steps_per_epoch, learner_.device());
  policy_ = policy_family().maker(config.targets.name)(*member_options(config.targets, policy_family()), context);
  policy_->bind(classifier());
  trust_ = trust_family().maker(config.trust.name)(*member_options(config.trust, trust_family()), context);
  rule_ = peer_family().maker(config.peers.name)(*member_options(config.peers, peer_family()), context);
  if (rule_) peer_ = std::make_unique<Learner>(config, data, compute, steps_per_epoch, context.seed ^ kPeerSeed);
  if (classifier()) dynamics_ = std::make_unique<TrainingDynamics>(context);
  if (!data.truth.empty()) truth_ = at::tensor(at::ArrayRef<int64_t>(data.truth), at::kLong).to(learner_.device());
  needs_logits_ = dynamics_ || config.targets.name != "given" || config.trust.name != "none" || rule_;
  // A second forward pass costs time, so it is made only where a member may look at it.
  needs_teacher_ =
      learner_.has_ema() && (policy_->needs_teacher() || trust_->needs_teacher() || learner_.losses_need_teacher());
}

void TrainStep::end_epoch(int64_t epoch) {
  trust_->end_epoch(epoch);
  if (rule_) rule_->end_epoch(epoch);
}

std::optional<TrustTable> TrainStep::trust_table() const {
  if (rule_)
    if (auto table = rule_->table()) return table;
  return trust_->table();
}

NamedTensors TrainStep::state() {
  NamedTensors out;
  learner_.append_state(out, "");
  if (peer_) peer_->append_state(out, "peer.");
  if (rule_) append_prefixed(out, "rule.", rule_->state());
  append_prefixed(out, "policy.", policy_->state());
  append_prefixed(out, "trust.", trust_->state());
  if (dynamics_) append_prefixed(out, "dynamics.", dynamics_->state());
  out.emplace_back("rng.cpu", at::globalContext().defaultGenerator(at::kCPU).get_state());
  if (learner_.device().is_cuda())
    out.emplace_back("rng.cuda", at::globalContext().defaultGenerator(learner_.device()).get_state());
  return out;
}

void TrainStep::load_state(const NamedTensors& saved) {
  learner_.load_state(saved, "");
  if (peer_) peer_->load_state(saved, "peer.");
  if (rule_) rule_->load_state(part_of(saved, "rule."));
  policy_->load_state(part_of(saved, "policy."));
  trust_->load_state(part_of(saved, "trust."));
  if (dynamics_) restore_state(part_of(saved, "dynamics."), dynamics_->state());
  for (const auto& [name, generator_state] : saved) {
    if (name == "rng.cpu") at::Generator(at::globalContext().defaultGenerator(at::kCPU)).set_state(generator_state);
    if (name == "rng.cuda" && learner_.device().is_cuda())
      at::Generator(at::globalContext().defaultGenerator(learner_.device())).set_state(generator_state);
  }
}

}  // namespace winnow
