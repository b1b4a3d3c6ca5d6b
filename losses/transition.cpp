#include "losses/transition.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "src/core/error.h"
#include "src/core/npy.h"

namespace winnow {
namespace {

constexpr double kLeastNoisyP = 1e-11;

at::Tensor read_transition(const std::string& file, const LossContext& context) {
  const NpyFile npy(file);
  if (npy.shape() != std::vector<int64_t>{context.classes, context.classes})
    throw Error(ErrorCode::kData, "[transition] " + file + " must be [" + std::to_string(context.classes) + ", " +
                                      std::to_string(context.classes) + "], one row for each true class");
  const auto values = npy.float32();
  const auto matrix = at::tensor(at::ArrayRef<float>(values.data(), values.size()), at::TensorOptions(at::kFloat))
                          .view({context.classes, context.classes})
                          .to(at::kDouble);
  if (matrix.lt(0).any().item<bool>() || (matrix.sum(1) - 1).abs().max().item<double>() > 1e-3)
    throw Error(ErrorCode::kData, "[transition] " + file + " must have rows of probabilities that sum to 1");
  return matrix.to(context.device, context.dtype);
}

}  // namespace

void TransitionOptions::visit(OptionVisitor& v) {
  v.choice("transition", transition, {"symmetric", "file", "anchor"}, "where P(given | true) comes from");
  v.number("rate", rate, 0.0, 0.999, "symmetric: share of wrong labels, spread evenly over the other classes");
  v.path("file", file, "file: a float .npy of [classes, classes], row i = P(given | true = i)");
  v.number("start", start, 0.0, 1.0, "anchor: share of training after which the matrix is used");
  HeadOptions::visit(v);
}

std::vector<std::string> TransitionOptions::check() const {
  if (transition == "file" && file.empty()) return {"transition: file needs a file"};
  return {};
}

TransitionLoss::TransitionLoss(const char* name, const TransitionOptions& options, const LossContext& context)
    : ProbabilityLoss(name, options, context), options_(options) {
  const double classes = static_cast<double>(context.classes);
  if (options.transition == "symmetric" && context.classes > 1 && options.rate >= (classes - 1) / classes)
    throw Error(ErrorCode::kConfig, std::string("[") + name +
                                        "] rate must be under (C - 1) / C, where labels say nothing"
                                        " any more, got " +
                                        std::to_string(options.rate));
  if (options.transition == "file") matrix_ = read_transition(options.file, context);
  if (options.transition != "anchor") return;
  matrix_ = at::eye(context.classes, at::TensorOptions(context.dtype).device(context.device));
  best_ = at::zeros({context.classes}, matrix_.options());
}

at::Tensor TransitionLoss::of_labels(const LabelScores& s) {
  if (options_.transition == "symmetric") {
    const double others = static_cast<double>(s.log_p.size(1) - 1);
    if (others == 0) return -s.own();
    return s.pick(under_symmetric(s.log_p, 1 - options_.rate, options_.rate / others));
  }
  if (options_.transition == "anchor" && s.batch.progress < options_.start) return -s.own();
  return s.pick(under(s.log_p, matrix_.to(s.log_p.scalar_type())));
}

void TransitionLoss::after_step(const LossBatch& batch, const Targets&) {
  const bool looks = batch.progress >= options_.start / 2 && batch.progress < options_.start;
  if (options_.transition != "anchor" || !looks) return;
  const at::NoGradGuard no_grad;
  const auto p = logits(batch).softmax(1).to(matrix_.scalar_type());
  const auto [largest, item] = p.max(0);
  const auto better = largest > best_;
  best_.copy_(at::where(better, largest, best_));
  matrix_.copy_(at::where(better.unsqueeze(1), p.index_select(0, item), matrix_));
}

LossState TransitionLoss::state() {
  if (options_.transition != "anchor") return {};
  return {{"transition.matrix", matrix_}, {"transition.best", best_}};
}

at::Tensor ForwardCorrection::under(const at::Tensor& log_p, const at::Tensor& matrix) const {
  return -log_p.exp().mm(matrix).clamp_min(kLeastNoisyP).log();
}

at::Tensor ForwardCorrection::under_symmetric(const at::Tensor& log_p, double own, double other) const {
  // sum_i p_i T_ik = other + (own - other) p_k; without noise plain cross entropy, which needs no clamp.
  if (other == 0) return -log_p;
  return -(other + (own - other) * log_p.exp()).log();
}

at::Tensor BackwardCorrection::under(const at::Tensor& log_p, const at::Tensor& matrix) const {
  return -log_p.mm(at::inverse(matrix).t());
}

at::Tensor BackwardCorrection::under_symmetric(const at::Tensor& log_p, double own, double other) const {
  return -(log_p - other * log_p.sum(1, true)) / (own - other);
}

}  // namespace winnow
