#include "losses/dividemix.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "losses/gaussian_mixture.h"
#include "losses/item_memory.h"
#include "src/core/error.h"

namespace winnow {
namespace {

constexpr int64_t kLeastLosses = 16;  // below this a mixture says nothing

at::Tensor given_losses(const at::Tensor& logits, const at::Tensor& labels) {
  return -logits.detach().to(at::kDouble).log_softmax(1).gather(1, labels.unsqueeze(1));
}

at::Tensor negative_entropy(const at::Tensor& logits) {
  const auto log_p = logits.log_softmax(1);
  return (log_p.exp() * log_p).sum(1).mean();
}

/// Whole epochs, at least one: without losses there is nothing to split by.
int64_t steps_of_warmup(double share, const LossContext& context) {
  if (context.items < 1 || context.steps_per_epoch < 1)
    throw Error(ErrorCode::kConfig, "[dividemix] training pictures and steps are required, got " +
                                        std::to_string(context.items) + " and " +
                                        std::to_string(context.steps_per_epoch));
  const double epochs = static_cast<double>(context.total_steps) / static_cast<double>(context.steps_per_epoch);
  return std::max<int64_t>(1, std::llround(std::ceil(share * epochs - 1e-9))) * context.steps_per_epoch;
}

}  // namespace

void DivideMixOptions::visit(OptionVisitor& v) {
  v.number("warmup", warmup, 0.0, 1.0,
           "share of the training on the given labels before the split; at least one epoch");
  v.number("p_threshold", p_threshold, 0.0, 1.0, "least probability of a low loss for a picture to keep its label");
  v.number("temperature", temperature, 0.01, 10.0, "T of the refined and guessed labels; below 1 sharpens them");
  v.number("alpha", alpha, 0.01, 8.0, "of Beta(alpha, alpha), by which pictures are blended");
  v.number("lambda_u", lambda_u, 0.0, 1000.0, "weight of the unlabelled pictures' squared error");
  v.number("ramp_epochs", ramp_epochs, 0.0, 1e6, "epochs after the warm-up over which that weight grows from 0");
  v.number("balance", balance, 0.0, 100.0, "weight of the class-balance penalty KL(uniform || mean p)");
  v.number("confidence_penalty", confidence_penalty, 0.0, 100.0,
           "warm-up: weight of the negative entropy, 1 in the paper for asymmetric noise");
  v.number("keep", keep, 0.0, 0.999, "share of a picture's old loss that is kept at a visit; 0.8 for 90 % noise");
  v.number("separation", separation, 0.0, 100.0,
           "least distance d' of the two components, below it all keep their labels; 0 = always split, as the paper");
  v.integer("views", views, 1, 16, "augmentations of each picture in a batch; 2 doubles the pictures of a step");
}

at::Tensor mean_over_views(const at::Tensor& values, const at::Tensor& rows) {
  const auto [pictures, which, counts] = at::_unique2(rows, /*sorted=*/true, /*return_inverse=*/true,
                                                      /*return_counts=*/true);
  auto sums = at::zeros({pictures.size(0), values.size(1)}, values.options());
  sums.index_add_(0, which, values);
  return (sums / counts.unsqueeze(1)).index_select(0, which);
}

at::Tensor sharpen(const at::Tensor& p, double temperature) {
  return (p.clamp_min(std::numeric_limits<float>::min()).log() / temperature).softmax(1);
}

DivideMix::DivideMix(const DivideMixOptions& options, const LossContext& context)
    : options_(options),
      steps_per_epoch_(context.steps_per_epoch),
      warmup_steps_(steps_of_warmup(options.warmup, context)),
      a_(make_side(context)),
      b_(make_side(context)),
      seen_(at::zeros({context.items}, at::TensorOptions(at::kBool).device(context.device))) {}

DivideMix::Side DivideMix::make_side(const LossContext& context) const {
  const auto doubles = at::TensorOptions(at::kDouble);
  return {at::zeros({context.items}, doubles.device(context.device)),
          at::ones({context.items}, doubles.device(context.device)), at::zeros({3}, doubles),
          BalanceTerm(options_.balance, context)};
}

void DivideMix::remember(const PeerBatch& batch) {
  require_rows("dividemix", batch.rows, seen_.size(0));
  const auto last = last_positions(batch.rows);
  const auto rows = batch.rows.index_select(0, last);
  const auto known = seen_.index_select(0, rows);
  const auto one = [&](Side& side, const at::Tensor& logits) {
    const auto now = mean_over_views(given_losses(logits, batch.labels), batch.rows).squeeze(1).index_select(0, last);
    const auto old = side.loss.index_select(0, rows);
    side.loss.index_copy_(0, rows, at::where(known, options_.keep * old + (1 - options_.keep) * now, now));
  };
  one(a_, batch.logits_a);
  one(b_, batch.logits_b);
  seen_.index_fill_(0, rows, true);
}

PeerVerdict DivideMix::judge(const PeerBatch& batch) {
  PeerVerdict out;
  {
    const at::NoGradGuard no_grad;
    remember(batch);
    out.weight_a = out.weight_b = at::ones({batch.labels.size(0)}, batch.logits_a.options());
  }
  if (options_.confidence_penalty > 0)
    out.extra = options_.confidence_penalty * (negative_entropy(batch.logits_a) + negative_entropy(batch.logits_b));
  return out;
}

PeerTeacher* DivideMix::teacher(int64_t step) { return step >= warmup_steps_ ? this : nullptr; }

Lesson DivideMix::lesson(const PeerBatch& batch, const at::Tensor& own, const at::Tensor& guess,
                         const Side& other) const {
  const auto w = other.clean.index_select(0, batch.rows);
  const auto labelled = w > options_.p_threshold;
  const auto weight = w.to(own.scalar_type()).unsqueeze(1);
  auto refined = (1 - weight) * own;
  refined.scatter_add_(1, batch.labels.unsqueeze(1), weight);
  return {at::where(labelled.unsqueeze(1), sharpen(refined, options_.temperature), guess),
          labelled.to(own.scalar_type())};
}

PeerLesson DivideMix::teach(const PeerBatch& batch) {
  const at::NoGradGuard no_grad;
  const auto a = mean_over_views(batch.logits_a.softmax(1), batch.rows);
  const auto b = mean_over_views(batch.logits_b.softmax(1), batch.rows);
  const auto guess = sharpen((a + b) / 2, options_.temperature);
  PeerLesson out{options_.alpha, lesson(batch, a, guess, b_), lesson(batch, b, guess, a_)};
  remember(batch);
  return out;
}

double DivideMix::unlabelled_weight(int64_t step) const {
  const double done = static_cast<double>(step - warmup_steps_) / static_cast<double>(steps_per_epoch_);
  return options_.lambda_u * std::clamp(done / std::max(options_.ramp_epochs, 1e-9), 0.0, 1.0);
}

at::Tensor DivideMix::blended_term(int64_t step, int network, const at::Tensor& logits, const Lesson& blended) {
  const auto unlabelled = 1 - blended.labelled;
  const auto squares = (logits.softmax(1) - blended.soft).square().mean(1);
  const auto term = unlabelled_weight(step) * (squares * unlabelled).sum() / unlabelled.sum().clamp_min(1);
  const auto balance = (network == 0 ? a_ : b_).balance.term(logits);
  return balance.defined() ? term + balance : term;
}

void DivideMix::fit(Side& side) const {
  const auto losses = side.loss.masked_select(seen_).to(at::kCPU).contiguous();
  if (losses.numel() < kLeastLosses) return;
  const double low = losses.min().item<double>(), high = losses.max().item<double>();
  side.clean.fill_(1);
  side.fit.zero_();
  side.fit[2] = 1;
  if (!(high > low)) return;
  const auto scaled = ((side.loss - low) / (high - low)).to(at::kCPU).contiguous();
  const auto known = scaled.masked_select(seen_.to(at::kCPU)).contiguous();
  const auto mixture = fit_two_gaussians({known.const_data_ptr<double>(), static_cast<size_t>(known.numel())});
  side.fit[0] = mixture.separation();
  if (mixture.separation() < options_.separation) return;
  side.fit[1] = 1 - mixture.low_weight;
  auto clean = at::ones_like(scaled);
  const auto seen = seen_.to(at::kCPU).contiguous();
  for (int64_t i = 0; i < clean.numel(); ++i)
    if (seen.const_data_ptr<bool>()[i])
      clean.mutable_data_ptr<double>()[i] = 1 - mixture.high_posterior(scaled.const_data_ptr<double>()[i]);
  side.clean.copy_(clean);
}

void DivideMix::end_epoch(int64_t) {
  const at::NoGradGuard no_grad;
  fit(a_);
  fit(b_);
}

std::map<std::string, double> DivideMix::log() const {
  const auto *a = a_.fit.const_data_ptr<double>(), *b = b_.fit.const_data_ptr<double>();
  if (a[2] == 0) return {};
  return {{"separation", (a[0] + b[0]) / 2}, {"rate_estimate", (a[1] + b[1]) / 2}};
}

std::optional<TrustTable> DivideMix::table() const {
  const auto unknown = at::full({}, std::numeric_limits<double>::quiet_NaN(), a_.loss.options());
  return TrustTable{((a_.clean + b_.clean) / 2).to(at::kFloat),
                    at::where(seen_, -(a_.loss + b_.loss) / 2, unknown).to(at::kFloat)};
}

LossState DivideMix::state() {
  LossState out{{"dividemix.seen", seen_}};
  const auto add = [&](const std::string& prefix, const Side& side) {
    out.emplace_back(prefix + "loss", side.loss);
    out.emplace_back(prefix + "clean", side.clean);
    out.emplace_back(prefix + "fit", side.fit);
    for (const auto& [name, tensor] : side.balance.state()) out.emplace_back(prefix + name, tensor);
  };
  add("dividemix.a.", a_);
  add("dividemix.b.", b_);
  return out;
}

std::unique_ptr<PeerRule> make_dividemix(const Options& options, const LossContext& context) {
  return std::make_unique<DivideMix>(dynamic_cast<const DivideMixOptions&>(options), context);
}

}  // namespace winnow
