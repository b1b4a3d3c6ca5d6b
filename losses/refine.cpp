#include "losses/refine.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "losses/given.h"
#include "src/core/error.h"

namespace winnow {

void RefineOptions::visit(OptionVisitor& v) {
  v.choice("prediction", prediction, {"current", "teacher"}, "which network refines: this one or its weight EMA");
  v.number("confidence", confidence, 0.0, 1.0, "least probability of a class that may take over");
  v.number("temperature", temperature, 0.01, 10.0, "of the refining probabilities; below 1 sharpens them");
  v.number("untrusted_weight", untrusted_weight, 0.0, 1.0, "weight of a fully distrusted item with a sure prediction");
  v.number("balance", balance, 0.0, 100.0, "weight of the class-balance guard KL(uniform || mean p); 0 = off");
}

Refine::Refine(const RefineOptions& options, const LossContext& context)
    : options_(options), classes_(context.classes), balance_(options.balance, context) {}

void Refine::bind(Loss* classifier) {
  require_classifier("refine", classifier);
  classifier_ = classifier;
}

Targets Refine::apply(const LossBatch& batch, const Verdict& verdict, const at::Tensor& logits, Random&) {
  const at::NoGradGuard no_grad;
  check_batch("refine", batch, classes_, 0);
  const auto trust = verdict_weights(batch, verdict);
  at::Tensor scores = logits;
  if (needs_teacher()) {
    const LossBatch seen = teacher_view("refine", batch);
    require_classifier("refine", classifier_);
    scores = classifier_->logits(seen);
  }
  const auto p = (scores / options_.temperature).softmax(1).to(trust.scalar_type());
  const auto top = p.amax(1);
  const auto share = (1 - trust) * (top >= options_.confidence);
  Targets targets;
  const auto column = share.unsqueeze(1);
  targets.soft = column * p;
  targets.soft.scatter_add_(1, batch.labels.unsqueeze(1), 1 - column);
  targets.labels = targets.soft.argmax(1);
  targets.trust = at::where(share > 0, trust + share * top * options_.untrusted_weight, trust);
  if (verdict.in_set.defined()) targets.trust = targets.trust * verdict.in_set.to(trust.scalar_type());
  log_["refined"] = (share > 0.5).to(at::kDouble).mean().item<double>();
  log_["moved"] = (share * (1 - p.gather(1, batch.labels.unsqueeze(1)).squeeze(1))).mean().item<double>();
  check_targets("refine", targets, batch.z.size(0), classes_);
  return targets;
}

}  // namespace winnow
