#include "src/training/learner.h"

#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

namespace winnow {
namespace {

std::string loss_prefix(size_t term) { return "loss." + std::to_string(term) + "."; }

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

}  // namespace

AutocastGuard::AutocastGuard(bool on, at::DeviceType device) : on_(on), device_(device) {
  if (!on_) return;
  before_ = at::autocast::is_autocast_enabled(device_);
  at::autocast::set_autocast_enabled(device_, true);
  at::autocast::set_autocast_dtype(device_, at::kBFloat16);
  at::autocast::increment_nesting();
}

AutocastGuard::~AutocastGuard() {
  if (!on_) return;
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  at::autocast::set_autocast_enabled(device_, before_);
}

at::Tensor normalize_rows(const at::Tensor& raw) {
  const auto x = raw.to(at::kFloat);
  return x / x.norm(2, {1}, true).clamp_min(1e-12);
}

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

void append_prefixed(NamedTensors& out, const std::string& prefix, const NamedTensors& tensors) {
  for (const auto& [name, tensor] : tensors) out.emplace_back(prefix + name, tensor);
}

NamedTensors part_of(const NamedTensors& all, const std::string& prefix) {
  NamedTensors out;
  for (const auto& [name, tensor] : all)
    if (name.starts_with(prefix)) out.emplace_back(name.substr(prefix.size()), tensor);
  return out;
}

Learner::Learner(const ExperimentConfig& config, const TrainingData& data, const Compute& compute,
                 int64_t steps_per_epoch, uint64_t seed)
    : config_(config),
      compute_(compute),
      device_(compute.device),
      model_(make_model(config.model, make_preprocessing(config.data), seed)) {
  if (!device_.is_cpu()) model_->to(compute.device);
  model_->train(true);
  LossContext context = make_loss_context(config, data, model_->dim(), steps_per_epoch, device_);
  context.seed = seed;
  ParameterGroup network{model_->parameters(), 1.0}, heads{{}, config.training.head_learning_rate};
  for (auto& [name, parameter] : network.parameters) name = "network." + name;
  for (const auto& choice : config.losses) {
    const auto options = member_options(choice, loss_family());
    terms_.push_back({choice.name, choice.weight, loss_family().maker(choice.name)(*options, context)});
    for (const auto& [name, parameter] : terms_.back().loss->parameters())
      heads.parameters.emplace_back(loss_prefix(terms_.size() - 1) + name, parameter);
  }
  classifier_ = find_classifier(terms_, context);
  optimizer_ = std::make_unique<Optimizer>(config.training, std::vector<ParameterGroup>{network, heads});
  if (config.training.ema_decay > 0) ema_ = std::make_unique<WeightEma>(*model_, config.training.ema_decay);
}

void Learner::embed(LossBatch& batch, const at::Tensor& images, const at::Tensor& mixed, bool teacher) {
  {
    const AutocastGuard autocast(compute_.bf16, device_.type());
    batch.raw = model_->forward(mixed).to(at::kFloat);
    if (teacher && ema_) {
      const at::NoGradGuard no_grad;
      batch.raw_teacher = ema_->model().forward(images).to(at::kFloat);
      batch.z_teacher = normalize_rows(batch.raw_teacher);
    }
  }
  batch.z = normalize_rows(batch.raw);
}

at::Tensor Learner::class_scores(LossBatch batch, const at::Tensor& images) {
  const at::NoGradGuard no_grad;
  model_->train(false);
  {
    const AutocastGuard autocast(compute_.bf16, device_.type());
    batch.raw = model_->forward(images).to(at::kFloat);
  }
  model_->train(true);
  batch.z = normalize_rows(batch.raw);
  return classifier_->logits(batch);
}

at::Tensor Learner::total_loss(const LossBatch& batch, const Targets& targets, std::map<std::string, Ratio>& log) {
  at::Tensor total;
  for (auto& term : terms_) {
    const LossResult result = term.loss->forward(batch, targets);
    const auto value = term.weight * reduce_items(result.items, targets.trust);
    const std::string prefix = terms_.size() > 1 ? term.name + "." : "";
    if (terms_.size() > 1) log[prefix + "loss"] = {value.item<double>(), 1};
    for (const auto& [name, logged] : result.log) log[prefix + name] = {logged, 1};
    total = total.defined() ? total + value : value;
  }
  return total;
}

void Learner::step(double rate, std::map<std::string, Ratio>& log) {
  if (config_.training.clip_norm > 0)
    log["gradient_norm"] = {optimizer_->clip_gradients(config_.training.clip_norm), 1};
  optimizer_->step(rate);
  if (ema_) ema_->update();
}

bool Learner::losses_need_teacher() const {
  return std::any_of(terms_.begin(), terms_.end(), [](const Term& term) { return term.loss->needs_teacher(); });
}

void Learner::after_step(const LossBatch& batch, const Targets& targets) {
  for (auto& term : terms_) term.loss->after_step(batch, targets);
}

void Learner::append_state(NamedTensors& out, const std::string& prefix) {
  append_prefixed(out, prefix + "model.", model_->state());
  append_prefixed(out, prefix + "optimizer.", optimizer_->state());
  if (ema_) append_prefixed(out, prefix + "ema.", ema_->state());
  for (size_t i = 0; i < terms_.size(); ++i) {
    append_prefixed(out, prefix + loss_prefix(i) + "parameter.", terms_[i].loss->parameters());
    append_prefixed(out, prefix + loss_prefix(i) + "state.", terms_[i].loss->state());
  }
}

void Learner::load_state(const NamedTensors& saved, const std::string& prefix) {
  restore_tensors("model", model_->state(), saved, prefix + "model.");
  optimizer_->load_state(part_of(saved, prefix + "optimizer."));
  if (ema_) ema_->load_state(part_of(saved, prefix + "ema."));
  for (size_t i = 0; i < terms_.size(); ++i) {
    restore_tensors("loss", terms_[i].loss->parameters(), saved, prefix + loss_prefix(i) + "parameter.");
    terms_[i].loss->load_state(part_of(saved, prefix + loss_prefix(i) + "state."));
  }
}

}  // namespace winnow
