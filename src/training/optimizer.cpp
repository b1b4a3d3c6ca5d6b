#include "src/training/optimizer.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/_fused_sgd.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <sstream>
#include <unordered_map>

#include "src/core/error.h"

namespace winnow {

Optimizer::Optimizer(const TrainingOptions& o, std::vector<ParameterGroup> groups)
    : weight_decay_(o.weight_decay),
      momentum_(o.momentum),
      beta1_(o.beta1),
      beta2_(o.beta2),
      epsilon_(o.epsilon),
      nesterov_(o.nesterov) {
  if (o.optimizer == "sgd")
    rule_ = Rule::kSgd;
  else if (o.optimizer == "adam")
    rule_ = Rule::kAdam;
  else if (o.optimizer == "adamw")
    rule_ = Rule::kAdamW;
  else
    throw Error(ErrorCode::kConfig, "[optimizer] sgd, adam or adamw is required, got '" + o.optimizer + "'");
  for (auto& given : groups) {
    Group group;
    group.rate_factor = given.rate_factor;
    for (auto& [name, parameter] : given.parameters) {
      group.names.push_back(name);
      group.parameters.push_back(parameter);
      // The fused kernels walk memory in step, so the moments keep the parameter's (channels-last) strides.
      if (rule_ != Rule::kSgd || momentum_ > 0) group.first.push_back(at::zeros_like(parameter));
      if (rule_ == Rule::kSgd) continue;
      group.second.push_back(at::zeros_like(parameter));
      group.steps.push_back(at::zeros({}, parameter.options().dtype(at::kFloat).requires_grad(false)));
    }
    groups_.push_back(std::move(group));
  }
}

void Optimizer::step(double learning_rate) {
  const at::NoGradGuard no_grad;
  for (auto& group : groups_) step_group(group, learning_rate * group.rate_factor);
}

void Optimizer::step_group(Group& group, double rate) {
  std::vector<at::Tensor> parameters, gradients, first, second, steps;
  for (size_t i = 0; i < group.parameters.size(); ++i) {
    const auto& gradient = group.parameters[i].grad();
    if (!gradient.defined()) continue;
    parameters.push_back(group.parameters[i]);
    gradients.push_back(gradient);
    if (!group.first.empty()) first.push_back(group.first[i]);
    if (group.second.empty()) continue;
    second.push_back(group.second[i]);
    steps.push_back(group.steps[i]);
  }
  if (parameters.empty()) return;
  if (rule_ == Rule::kSgd) {
    // Momentum buffers start at zero, which gives torch's first step: m = g.
    at::_fused_sgd_(parameters, gradients, first, weight_decay_, momentum_, rate, 0.0, nesterov_, false, false);
    return;
  }
  at::_foreach_add_(steps, 1);
  if (rule_ == Rule::kAdamW)
    at::_fused_adamw_(parameters, gradients, first, second, {}, steps, rate, beta1_, beta2_, weight_decay_, epsilon_,
                      false, false);
  else
    at::_fused_adam_(parameters, gradients, first, second, {}, steps, rate, beta1_, beta2_, weight_decay_, epsilon_,
                     false, false);
}

void Optimizer::zero_grad() {
  for (auto& group : groups_)
    for (auto& parameter : group.parameters) parameter.mutable_grad().reset();
}

double Optimizer::clip_gradients(double max_norm) {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> gradients;
  for (const auto& group : groups_)
    for (const auto& parameter : group.parameters)
      if (parameter.grad().defined()) gradients.push_back(parameter.grad());
  if (gradients.empty()) return 0.0;
  const double norm = at::stack(at::_foreach_norm(gradients)).norm().item<double>();
  if (norm > max_norm) at::_foreach_mul_(gradients, max_norm / (norm + 1e-6));
  return norm;
}

NamedTensors Optimizer::state() const {
  NamedTensors out;
  for (const auto& group : groups_)
    for (size_t i = 0; i < group.names.size(); ++i) {
      if (!group.first.empty()) out.emplace_back(group.names[i] + ".first", group.first[i]);
      if (group.second.empty()) continue;
      out.emplace_back(group.names[i] + ".second", group.second[i]);
      out.emplace_back(group.names[i] + ".step", group.steps[i]);
    }
  return out;
}

void Optimizer::load_state(const NamedTensors& saved) { restore_tensors("optimizer", state(), saved); }

void restore_tensors(const char* what, const NamedTensors& into, const NamedTensors& state, const std::string& prefix) {
  const at::NoGradGuard no_grad;
  std::unordered_map<std::string, at::Tensor> by_name(state.begin(), state.end());
  for (const auto& [name, target] : into) {
    const auto found = by_name.find(prefix + name);
    if (found == by_name.end())
      throw Error(ErrorCode::kData,
                  std::string("[") + what + "] the saved state has no tensor '" + prefix + name + "'");
    if (found->second.sizes() != target.sizes()) {
      std::ostringstream text;
      text << "[" << what << "] " << prefix << name << " must be " << target.sizes() << ", the saved state has "
           << found->second.sizes();
      throw Error(ErrorCode::kData, text.str());
    }
    target.copy_(found->second);
  }
}

}  // namespace winnow
