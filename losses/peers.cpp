#include "losses/peers.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

#include "losses/dividemix.h"

namespace winnow {
namespace {

at::Tensor cross_entropies(const at::Tensor& log_p, const at::Tensor& labels) {
  return -log_p.gather(1, labels.unsqueeze(1)).squeeze(1);
}

class SmallLossRule : public PeerRule {
 public:
  explicit SmallLossRule(const PeerOptions& options) : options_(options) {}
  bool needs_rate() const override { return options_.rate < 0; }

 protected:
  double keep(const PeerBatch& batch) const {
    const double rate = options_.rate >= 0 ? options_.rate : std::max(0.0, batch.rate_estimate);
    const double done = std::min(1.0, static_cast<double>(batch.epoch) / std::max(options_.ramp_epochs, 1e-9));
    return 1 - rate * std::pow(done, options_.exponent);
  }
  PeerOptions options_;
};

class CoTeaching : public SmallLossRule {
 public:
  CoTeaching(const PeerOptions& options, bool plus) : SmallLossRule(options), plus_(plus) {}

  PeerVerdict judge(const PeerBatch& batch) override {
    const at::NoGradGuard no_grad;
    const auto a = batch.logits_a.detach(), b = batch.logits_b.detach();
    at::Tensor among;
    if (plus_ && batch.epoch >= options_.start_epoch) {
      among = a.argmax(1) != b.argmax(1);
      if (!among.any().item<bool>()) among = at::Tensor();
    }
    PeerVerdict out;
    out.weight_b = small_loss_mask(cross_entropies(a.log_softmax(1), batch.labels), keep(batch), among);
    out.weight_a = small_loss_mask(cross_entropies(b.log_softmax(1), batch.labels), keep(batch), among);
    return out;
  }

 private:
  bool plus_;
};

class JoCoR : public SmallLossRule {
 public:
  using SmallLossRule::SmallLossRule;

  PeerVerdict judge(const PeerBatch& batch) override {
    const auto a = batch.logits_a.log_softmax(1), b = batch.logits_b.log_softmax(1);
    const auto apart = ((a.exp() - b.exp()) * (a - b)).sum(1);  // KL(a||b) + KL(b||a)
    const double l = options_.agreement;
    PeerVerdict out;
    {
      const at::NoGradGuard no_grad;
      const auto joint = (1 - l) * (cross_entropies(a, batch.labels) + cross_entropies(b, batch.labels)) + l * apart;
      out.weight_a = out.weight_b = small_loss_mask(joint, keep(batch));
    }
    out.scale = 1 - l;
    out.extra = l * (apart * out.weight_a).sum() / out.weight_a.sum().clamp_min(1);
    return out;
  }
};

const PeerOptions& as_peers(const Options& options) { return dynamic_cast<const PeerOptions&>(options); }

PeerFamily make_family() {
  PeerFamily family("peers");
  family.add<NoOptions>({.name = "none",
                         .summary = "one network",
                         .paper = "",
                         .formula = "the losses of one network",
                         .noise = "whatever loss, targets and trust bear"},
                        [](const Options&, const LossContext&) { return std::unique_ptr<PeerRule>(); });
  const auto add = [&](const char* name, const char* summary, const char* paper, const char* formula, auto make) {
    family.add<PeerOptions>({.name = name,
                             .summary = summary,
                             .paper = paper,
                             .formula = formula,
                             .noise = "closed-set flips at a known rate, or with a trust estimator at an unknown one"},
                            make);
  };
  add("co_teaching", "two networks, each picks small-loss pictures for the other", "Han et al., NeurIPS 2018",
      "a learns from the 1 - R(t) smallest CE of b, and b from those of a", make_co_teaching);
  add("co_teaching_plus", "co-teaching among pictures whose two predictions differ", "Yu et al., ICML 2019",
      "as co_teaching, among yhat_a != yhat_b", make_co_teaching_plus);
  add("jocor", "two networks that keep the small joint loss and are drawn together", "Wei et al., CVPR 2020",
      "(1 - l)(CE_a + CE_b) + l (KL(a||b) + KL(b||a)) on its 1 - R(t) smallest", make_jocor);
  family.add<DivideMixOptions>(
      {.name = "dividemix",
       .summary =
           "two networks split the pictures by loss for each other; labels are refined or guessed, pictures mixed",
       .paper = "Li et al., ICLR 2020",
       .formula = "loss(mixed labelled) + lambda (p - q)^2 (mixed unlabelled) + KL(uniform || mean p), labelled where "
                  "P(low loss) > p_threshold",
       .noise = "symmetric and asymmetric flips at an unknown rate, where training is long"},
      make_dividemix);
  return family;
}

}  // namespace

void PeerOptions::visit(OptionVisitor& v) {
  v.number("rate", rate, -1.0, 0.99, "noise rate that is told; -1 = ask the trust estimator");
  v.number("ramp_epochs", ramp_epochs, 0.0, 1e6, "epochs over which the dropped share grows to the rate");
  v.number("exponent", exponent, 0.1, 10.0, "of that growth");
  v.number("agreement", agreement, 0.0, 1.0, "jocor: weight of the divergence between the two");
  v.integer("start_epoch", start_epoch, 0, 1000000,
            "co_teaching_plus: first epoch (from 0) that asks for disagreement");
}

at::Tensor small_loss_mask(const at::Tensor& values, double keep, const at::Tensor& among) {
  auto ranked = values.to(at::kDouble);
  int64_t candidates = values.size(0);
  if (among.defined()) {
    ranked = ranked.masked_fill(among.logical_not(), INFINITY);
    candidates = among.sum().item<int64_t>();
  }
  const auto kept = std::clamp<int64_t>(static_cast<int64_t>(keep * static_cast<double>(candidates)), 1, candidates);
  const auto order = std::get<1>(ranked.sort(std::optional<bool>(true), /*dim=*/0));
  auto mask = at::zeros_like(values);
  mask.index_fill_(0, order.slice(0, 0, kept), 1.0);
  return mask;
}

std::unique_ptr<PeerRule> make_co_teaching(const Options& options, const LossContext&) {
  return std::make_unique<CoTeaching>(as_peers(options), false);
}
std::unique_ptr<PeerRule> make_co_teaching_plus(const Options& options, const LossContext&) {
  return std::make_unique<CoTeaching>(as_peers(options), true);
}
std::unique_ptr<PeerRule> make_jocor(const Options& options, const LossContext&) {
  return std::make_unique<JoCoR>(as_peers(options));
}

const PeerFamily& peer_family() {
  static const PeerFamily family = make_family();
  return family;
}

}  // namespace winnow
