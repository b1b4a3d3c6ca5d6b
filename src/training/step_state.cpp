#include <ATen/Context.h>
#include <ATen/core/Generator.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include "losses/seccnn.h"
#include "src/training/step.h"

namespace winnow {
namespace {

LossContext make_loss_context(const ExperimentConfig& config, const TrainingData& data, int64_t dim,
                              int64_t steps_per_epoch, at::Device device) {
  LossContext out;
  out.classes = data.train.classes();
  out.dim = dim;
  out.items = static_cast<int64_t>(data.train.items.size());
  out.steps_per_epoch = steps_per_epoch;
  out.total_steps = steps_per_epoch * config.training.epochs;
  out.seed = static_cast<uint64_t>(config.training.seed);
  out.device = device;
  return out;
}

void append(NamedTensors& out, const std::string& prefix, const NamedTensors& tensors) {
  for (const auto& [name, tensor] : tensors) out.emplace_back(prefix + name, tensor);
}

/// Tensors whose name starts with `prefix`, without it.
NamedTensors part_of(const NamedTensors& all, const std::string& prefix) {
  NamedTensors out;
  for (const auto& [name, tensor] : all)
    if (name.starts_with(prefix)) out.emplace_back(name.substr(prefix.size()), tensor);
  return out;
}

/// The first loss that has class scores.
template <typename Terms>
Loss* find_classifier(const Terms& terms, const LossContext& context) {
  const at::NoGradGuard no_grad;
  LossBatch batch;
  batch.raw = batch.z = at::zeros({2, context.dim}, at::TensorOptions(context.device));
  batch.labels = batch.rows = at::zeros({2}, at::TensorOptions(context.device).dtype(at::kLong));
  for (const auto& term : terms)
    if (term.loss->logits(batch).defined()) return term.loss.get();
  return nullptr;
}

std::string loss_prefix(size_t term) { return "loss." + std::to_string(term) + "."; }

}  // namespace

TrainStep::TrainStep(const ExperimentConfig& config, const TrainingData& data, const Compute& compute,
                     int64_t steps_per_epoch)
    : config_(config),
      data_(data),
      compute_(compute),
      device_(compute.device),
      schedule_(config.training, steps_per_epoch),
      total_steps_(steps_per_epoch * config.training.epochs),
      model_(make_model(config.model, make_preprocessing(config.data), static_cast<uint64_t>(config.training.seed))) {
  if (!device_.is_cpu()) model_->to(compute.device);
  model_->train(true);
  const LossContext context = make_loss_context(config, data, model_->dim(), steps_per_epoch, device_);
  ParameterGroup network{model_->parameters(), 1.0}, heads{{}, config.training.head_learning_rate};
  for (auto& [name, parameter] : network.parameters) name = "network." + name;
  for (const auto& choice : config.losses) {
    const auto options = member_options(choice, loss_family());
    terms_.push_back({choice.name, choice.weight, loss_family().maker(choice.name)(*options, context)});
    for (auto& [name, parameter] : terms_.back().loss->parameters())
      heads.parameters.emplace_back(loss_prefix(terms_.size() - 1) + name, parameter);
  }
  classifier_ = find_classifier(terms_, context);
  policy_ = policy_family().maker(config.targets.name)(*member_options(config.targets, policy_family()), context);
  policy_->bind(classifier_);
  trust_ = trust_family().maker(config.trust.name)(*member_options(config.trust, trust_family()), context);
  optimizer_ = std::make_unique<Optimizer>(config.training, std::vector<ParameterGroup>{network, heads});
  if (config.training.ema_decay > 0) ema_ = std::make_unique<WeightEma>(*model_, config.training.ema_decay);
  if (!data.truth.empty()) truth_ = at::tensor(at::ArrayRef<int64_t>(data.truth), at::kLong).to(device_);
  // Scores and a second forward pass cost time, so they are made only where a member may look at them.
  const bool observed = config.targets.name != "given" || config.trust.name != "none";
  needs_logits_ = observed || truth_.defined();
  const auto* seccnn = dynamic_cast<const SeccnnOptions*>(config.targets.options.get());
  needs_teacher_ = ema_ && observed && !(seccnn && seccnn->prediction != "teacher" && config.trust.name == "none");
}

NamedTensors TrainStep::state() {
  NamedTensors out;
  append(out, "model.", model_->state());
  append(out, "optimizer.", optimizer_->state());
  if (ema_) append(out, "ema.", ema_->state());
  for (size_t i = 0; i < terms_.size(); ++i) {
    append(out, loss_prefix(i) + "parameter.", terms_[i].loss->parameters());
    append(out, loss_prefix(i) + "state.", terms_[i].loss->state());
  }
  append(out, "policy.", policy_->state());
  append(out, "trust.", trust_->state());
  out.emplace_back("rng.cpu", at::globalContext().defaultGenerator(at::kCPU).get_state());
  if (device_.is_cuda()) out.emplace_back("rng.cuda", at::globalContext().defaultGenerator(device_).get_state());
  return out;
}

void TrainStep::load_state(const NamedTensors& saved) {
  restore_tensors("model", model_->state(), saved, "model.");
  optimizer_->load_state(part_of(saved, "optimizer."));
  if (ema_) ema_->load_state(part_of(saved, "ema."));
  for (size_t i = 0; i < terms_.size(); ++i) {
    restore_tensors("loss", terms_[i].loss->parameters(), saved, loss_prefix(i) + "parameter.");
    terms_[i].loss->load_state(part_of(saved, loss_prefix(i) + "state."));
  }
  policy_->load_state(part_of(saved, "policy."));
  trust_->load_state(part_of(saved, "trust."));
  for (const auto& [name, generator_state] : saved) {
    if (name == "rng.cpu") at::Generator(at::globalContext().defaultGenerator(at::kCPU)).set_state(generator_state);
    if (name == "rng.cuda" && device_.is_cuda())
      at::Generator(at::globalContext().defaultGenerator(device_)).set_state(generator_state);
  }
}

}  // namespace winnow
