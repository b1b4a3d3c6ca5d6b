#include "losses/seccnn.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "losses/given.h"
#include "losses/shapes.h"
#include "src/core/error.h"

namespace winnow {
namespace {

double share_of(const at::Tensor& flags) { return flags.to(at::kDouble).mean().item<double>(); }

}  // namespace

void SeccnnOptions::visit(OptionVisitor& v) {
  schedule.visit(v);
  v.choice("mode", mode, {"sampled", "expected"}, "draw a label for each item, or use the expected soft target");
  v.choice(
      "prediction", prediction, {"current", "ema", "teacher"},
      "where the other label comes from: this output, its moving average for each picture, the weight-EMA network");
  v.number("ema", ema, 0.0, 0.9999, "prediction: ema, share of the old average that is kept at a visit");
  v.integer("ema_top", ema_top, 0, 100000,
            "prediction: ema, classes kept for each picture; 0 = all up to 256 MiB, else 5");
  v.boolean("per_item", per_item, "raise the trust in each label by what the trust estimator says of it");
  v.number("balance", balance, 0.0, 100.0, "weight of the class-balance guard KL(uniform || mean p); 0 = off");
  v.number("freeze_share", freeze_share, 0.0, 1000.0,
           "no swaps into a class predicted this many times more often than labelled; 0 = off");
  v.number("gate", gate, 0.0, 2.0, "swap only if the predicted class is nearer by more than this cosine; 0 = off");
  v.number("outlier_cosine", outlier_cosine, -1.0, 1.0,
           "drop instead of swapping when no class is nearer than this cosine (open-set noise, about 0.26); -1 = off");
  v.number("rate_limit", rate_limit, 0.0, 1.0,
           "no swaps while the trust estimator finds more wrong labels than this (0.6); 1 = off");
  v.integer("stable", stable, 1, 1000, "swap only if the prediction was the same for this many visits in a row");
}

Seccnn::Seccnn(const SeccnnOptions& options, const LossContext& context)
    : options_(options),
      classes_(context.classes),
      balance_(options.balance, context),
      shares_(options.freeze_share, context) {
  if (options.prediction == "ema")
    average_ = std::make_unique<PredictionMemory>(options.ema, entries_to_keep(options.ema_top, context), context);
  if (options.stable > 1) stable_ = std::make_unique<StableChoice>(context);
}

void Seccnn::bind(Loss* classifier) {
  require_classifier("seccnn", classifier);
  if ((options_.gate > 0 || options_.outlier_cosine > -1) && classifier->cosine_scale() <= 0)
    throw Error(
        ErrorCode::kConfig,
        "[seccnn] gate and outlier_cosine require a cosine head (normalized_softmax, arcface), got a linear one");
  classifier_ = classifier;
}

at::Tensor Seccnn::scores_for_prediction(const LossBatch& batch, const at::Tensor& logits) const {
  if (options_.prediction != "teacher") return logits;
  if (!classifier_)
    throw Error(ErrorCode::kInternal, "[seccnn] prediction: teacher requires bind() before the first step");
  return classifier_->logits(teacher_view("seccnn", batch));
}

Seccnn::Findings Seccnn::examine(const LossBatch& batch, const at::Tensor& logits) {
  const auto scores = scores_for_prediction(batch, logits);
  Findings found;
  found.predicted = (average_ ? average_->update(batch.rows, scores.softmax(1)) : scores).argmax(1);
  found.may_swap = found.predicted.ne(batch.labels);
  log_["disagree"] = share_of(found.may_swap);
  found.outlier = at::zeros_like(found.may_swap);
  if (stable_)
    found.may_swap = found.may_swap.logical_and(stable_->update(batch.rows, found.predicted) >= options_.stable);
  shares_.observe(batch.labels, found.predicted);
  const auto frozen = shares_.frozen();
  log_["frozen_classes"] = frozen.sum().item<double>();
  found.may_swap = found.may_swap.logical_and(frozen.index_select(0, found.predicted).logical_not());
  if (options_.gate <= 0 && options_.outlier_cosine <= -1) return found;
  if (!classifier_)
    throw Error(ErrorCode::kInternal, "[seccnn] gate and outlier_cosine require bind() before the first step");
  const auto cosine = scores / classifier_->cosine_scale();
  const auto at_class = [&](const at::Tensor& of) { return cosine.gather(1, of.unsqueeze(1)).squeeze(1); };
  if (options_.gate > 0)
    found.may_swap = found.may_swap.logical_and(at_class(found.predicted) - at_class(batch.labels) > options_.gate);
  if (options_.outlier_cosine > -1) found.outlier = cosine.amax(1) < options_.outlier_cosine;
  found.may_swap = found.may_swap.logical_and(found.outlier.logical_not());
  return found;
}

at::Tensor Seccnn::trust_in_given(const LossBatch& batch, const Verdict& verdict) const {
  const double global = options_.schedule.at(batch.progress);
  const auto options = batch.labels.options().dtype(at::kDouble);
  const bool known = verdict.separation >= 0 || verdict.rate_estimate >= 0;
  if (!options_.per_item || !known) return at::full({batch.labels.size(0)}, global, options);
  const auto trust = verdict.trust.detach().to(at::kDouble);
  return trust + (1 - trust) * global;
}

Targets Seccnn::draw(const LossBatch& batch, const Findings& found, const at::Tensor& keep, const at::Tensor& weights,
                     Random& random) {
  // Keyed by row, so that an item draws the same wherever it stands in the batch.
  const auto key = random.next();
  const auto rows = batch.rows.to(at::kCPU).contiguous();
  auto uniform = at::empty({rows.size(0)}, at::TensorOptions(at::kDouble));
  for (int64_t i = 0; i < rows.size(0); ++i) {
    const auto row = static_cast<uint64_t>(rows.data_ptr<int64_t>()[i]);
    uniform.data_ptr<double>()[i] = Random(key, "seccnn", row).uniform();
  }
  const auto drawn = uniform.to(keep.device()) >= keep;
  const auto swapped = drawn.logical_and(found.may_swap), dropped = drawn.logical_and(found.outlier);
  log_["swapped"] = share_of(swapped);
  log_["dropped"] = share_of(dropped);
  Targets targets;
  targets.labels = at::where(swapped, found.predicted, batch.labels);
  targets.trust = at::where(swapped, at::ones_like(weights), weights).masked_fill(dropped, 0.0);
  return targets;
}

Targets Seccnn::expect(const LossBatch& batch, const Findings& found, const at::Tensor& keep,
                       const at::Tensor& weights) {
  const auto swap = (1 - keep) * found.may_swap, drop = (1 - keep) * found.outlier;
  log_["swapped"] = swap.mean().item<double>();
  log_["dropped"] = drop.mean().item<double>();
  const auto on_given = (1 - swap - drop) * weights.to(at::kDouble);
  const auto total = on_given + swap;
  const auto share = at::where(total > 0, swap / total.clamp_min(1e-300), at::zeros_like(total)).unsqueeze(1);
  Targets targets;
  targets.labels = at::where(swap > on_given, found.predicted, batch.labels);
  targets.soft = at::zeros({batch.labels.size(0), classes_}, keep.options())
                     .scatter_add(1, batch.labels.unsqueeze(1), 1 - share)
                     .scatter_add(1, found.predicted.unsqueeze(1), share)
                     .to(weights.scalar_type());
  targets.trust = total.to(weights.scalar_type());
  return targets;
}

Targets Seccnn::apply(const LossBatch& batch, const Verdict& verdict, const at::Tensor& logits, Random& random) {
  const at::NoGradGuard no_grad;
  check_batch("seccnn", batch, classes_, 0);
  const auto size = batch.z.size(0);
  require_shape("seccnn", "rows", batch.rows, at::kLong, {size});
  require_classifier("seccnn", logits.defined());
  require_shape("seccnn", "logits", logits, logits.scalar_type(), {size, classes_});
  auto found = examine(batch, logits);
  if (verdict.rate_estimate > options_.rate_limit) found.may_swap = at::zeros_like(found.may_swap);
  const auto keep = trust_in_given(batch, verdict);
  log_["trust_in_given"] = keep.mean().item<double>();
  Verdict weighing = verdict;
  if (options_.per_item) weighing.trust = at::Tensor();  // the trust already went into P
  auto weights = verdict_weights(batch, weighing);
  auto targets =
      options_.mode == "sampled" ? draw(batch, found, keep, weights, random) : expect(batch, found, keep, weights);
  if (verdict.in_set.defined()) targets.trust = targets.trust * verdict.in_set.to(targets.trust.scalar_type());
  return targets;
}

LossState Seccnn::state() {
  auto out = balance_.state();
  const auto append = [&out](const LossState& more) { out.insert(out.end(), more.begin(), more.end()); };
  append(shares_.state());
  if (average_) append(average_->state());
  if (stable_) append(stable_->state());
  return out;
}

}  // namespace winnow
