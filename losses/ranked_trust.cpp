#include "losses/ranked_trust.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "losses/shapes.h"
#include "src/core/error.h"

namespace winnow {
namespace {

constexpr int64_t kRowsAtOnce = 4096;  // rows of N x C made dense at a time

at::Tensor log_probabilities(const char* name, const at::Tensor& logits) {
  require_classifier(name, logits.defined());
  return logits.detach().log_softmax(1).to(at::kDouble);
}

Verdict stored_verdict(const char* name, const LossBatch& batch, const at::Tensor& trust) {
  check_batch(name, batch, 0, 0);
  require_rows(name, batch.rows, trust.size(0));
  Verdict verdict;
  verdict.trust = trust.index_select(0, batch.rows).to(batch.z.scalar_type());
  return verdict;
}

at::Tensor or_unknown(const at::Tensor& known, const at::Tensor& value) {
  const auto unknown = at::full({}, std::numeric_limits<double>::quiet_NaN(), value.options());
  return at::where(known, value, unknown).to(at::kFloat);
}

}  // namespace

void O2uOptions::visit(OptionVisitor& v) {
  v.number("rate", rate, 0.0, 0.99, "share of wrong labels, which this method must be told");
  v.number("start", start, 0.0, 1.0, "share of training after which the ranking is made");
}

O2u::O2u(const O2uOptions& options, const LossContext& context) : options_(options), total_steps_(context.total_steps) {
  if (context.items < 1) throw Error(ErrorCode::kConfig, "[o2u] the number of training pictures is required, got 0");
  const auto doubles = at::TensorOptions(at::kDouble).device(context.device);
  for (auto* t : {&epoch_loss_, &epoch_visits_, &loss_, &visits_}) *t = at::zeros({context.items}, doubles);
  trust_ = at::ones({context.items}, doubles);
  steps_ = at::zeros({}, at::TensorOptions(at::kLong));
  ranked_ = at::zeros({}, at::TensorOptions(at::kBool));
}

Verdict O2u::judge(const LossBatch& batch) {
  const at::NoGradGuard no_grad;
  auto verdict = stored_verdict("o2u", batch, trust_);
  if (ranked_.item<bool>()) verdict.rate_estimate = options_.rate;
  return verdict;
}

void O2u::observe(const LossBatch& batch, const at::Tensor& logits) {
  const at::NoGradGuard no_grad;
  const auto loss = -log_probabilities("o2u", logits).gather(1, batch.labels.unsqueeze(1)).squeeze(1);
  epoch_loss_.index_add_(0, batch.rows, loss);
  epoch_visits_.index_add_(0, batch.rows, at::ones_like(loss));
  steps_.fill_(batch.step + 1);
}

void O2u::end_epoch(int64_t) {
  const at::NoGradGuard no_grad;
  const double visits = epoch_visits_.sum().item<double>();
  if (ranked_.item<bool>() || visits == 0) return;
  const auto mean = epoch_loss_.sum() / visits;
  loss_.add_(epoch_loss_ - mean * epoch_visits_);
  visits_.add_(epoch_visits_);
  epoch_loss_.zero_();
  epoch_visits_.zero_();
  if (static_cast<double>(steps_.item<int64_t>()) < options_.start * static_cast<double>(total_steps_)) return;
  const auto seen = visits_ > 0;
  const auto average = at::where(seen, loss_ / visits_.clamp_min(1), at::full_like(loss_, -1e300));
  const auto drop = std::llround(options_.rate * seen.sum().item<double>());
  if (drop > 0) trust_.index_fill_(0, std::get<1>(average.sort(true, 0, true)).narrow(0, 0, drop), 0.0);
  ranked_.fill_(true);
}

std::optional<TrustTable> O2u::table() const {
  return TrustTable{trust_.to(at::kFloat), or_unknown(visits_ > 0, -loss_ / visits_.clamp_min(1))};
}

LossState O2u::state() {
  return {{"o2u.epoch_loss", epoch_loss_},
          {"o2u.epoch_visits", epoch_visits_},
          {"o2u.loss", loss_},
          {"o2u.visits", visits_},
          {"o2u.trust", trust_},
          {"o2u.steps", steps_},
          {"o2u.ranked", ranked_}};
}

void ConfidentOptions::visit(OptionVisitor& v) {
  v.number("decay", decay, 0.0, 0.9999, "share of a picture's old average prediction kept at a visit");
  v.integer("top", top, 0, 100000, "classes kept for each picture; 0 = all up to 256 MiB, else 5");
  v.integer("start_epoch", start_epoch, 0, 1000000, "epochs that pass before the first pruning");
}

ConfidentTrust::ConfidentTrust(const ConfidentOptions& options, const LossContext& context)
    : options_(options),
      classes_(context.classes),
      memory_(options.decay, entries_to_keep(options.top, context), context) {
  const auto longs = at::TensorOptions(at::kLong).device(context.device);
  label_ = at::full({context.items}, -1, longs);
  trust_ = at::ones({context.items}, longs.dtype(at::kDouble));
  rate_ = at::full({}, -1.0, at::TensorOptions(at::kDouble));
}

Verdict ConfidentTrust::judge(const LossBatch& batch) {
  const at::NoGradGuard no_grad;
  auto verdict = stored_verdict("confident", batch, trust_);
  verdict.rate_estimate = rate_.item<double>();
  return verdict;
}

void ConfidentTrust::observe(const LossBatch& batch, const at::Tensor& logits) {
  const at::NoGradGuard no_grad;
  const auto p = log_probabilities("confident", logits).exp();
  memory_.update(batch.rows, p);
  label_.index_copy_(0, batch.rows, batch.labels);
}

at::Tensor ConfidentTrust::own_average(const at::Tensor& rows) const {
  std::vector<at::Tensor> own;
  for (const auto& part : rows.split(kRowsAtOnce))
    own.push_back(memory_.recall(part).gather(1, label_.index_select(0, part).clamp_min(0).unsqueeze(1)).squeeze(1));
  return at::cat(own).to(at::kDouble);
}

at::Tensor ConfidentTrust::thresholds(const at::Tensor& rows) const {
  const auto labels = label_.index_select(0, rows);
  const auto sum = at::zeros({classes_}, trust_.options()).index_add(0, labels, own_average(rows));
  const auto count = labels.bincount({}, classes_).to(at::kDouble);
  // A class without a picture can be nobody's confident class.
  return at::where(count > 0, sum / count.clamp_min(1), at::full_like(sum, 2.0));
}

void ConfidentTrust::end_epoch(int64_t epoch) {
  const at::NoGradGuard no_grad;
  if (epoch < options_.start_epoch) return;
  const auto rows = (label_ >= 0).nonzero().squeeze(1);
  if (rows.numel() == 0) return;
  const auto threshold = thresholds(rows);
  auto confident = at::zeros({classes_}, trust_.options()), other = at::zeros_like(confident);
  for (const auto& part : rows.split(kRowsAtOnce)) {
    const auto q = memory_.recall(part).to(at::kDouble), label = label_.index_select(0, part);
    const auto enough = q >= threshold.unsqueeze(0);
    const auto any = enough.any(1).to(at::kDouble);
    const auto choice = q.masked_fill(enough.logical_not(), -1.0).argmax(1);
    confident.index_add_(0, label, any);
    other.index_add_(0, label, any * choice.ne(label).to(at::kDouble));
  }
  prune(rows, other / confident.clamp_min(1));
}

void ConfidentTrust::prune(const at::Tensor& rows, const at::Tensor& share) {
  const auto size = label_.index_select(0, rows).bincount({}, classes_);
  const auto drop = at::minimum((share * size).round().to(at::kLong), size - 1).clamp_min(0);
  // By class, and in a class by the own average, smallest first: the rank in the class decides.
  const auto by_own = rows.index_select(0, std::get<1>(own_average(rows).sort(true, 0, false)));
  const auto order = std::get<1>(label_.index_select(0, by_own).sort(true, 0, false));
  const auto sorted = by_own.index_select(0, order), label = label_.index_select(0, sorted);
  const auto rank = at::arange(sorted.size(0), sorted.options()) - (size.cumsum(0) - size).index_select(0, label);
  const auto dropped = rank < drop.index_select(0, label);
  trust_.fill_(1.0);
  trust_.index_copy_(0, sorted, dropped.logical_not().to(at::kDouble));
  rate_.copy_(dropped.to(at::kDouble).mean());
}

std::optional<TrustTable> ConfidentTrust::table() const {
  const auto all = at::arange(label_.size(0), label_.options());
  return TrustTable{trust_.to(at::kFloat), or_unknown(label_ >= 0, own_average(all))};
}

LossState ConfidentTrust::state() {
  auto out = memory_.state();
  out.emplace_back("confident.label", label_);
  out.emplace_back("confident.trust", trust_);
  out.emplace_back("confident.rate", rate_);
  return out;
}

}  // namespace winnow
