#include "losses/softened.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "losses/apl.h"

namespace winnow {

void LabelSmoothingOptions::visit(OptionVisitor& v) {
  v.number("rate", rate, -100.0, 1.0, "share of the target spread over all classes; negative bears more noise");
  HeadOptions::visit(v);
}

void FocalOptions::visit(OptionVisitor& v) {
  v.number("gamma", gamma, 0.0, 10.0, "exponent on 1 - p");
  HeadOptions::visit(v);
}

void BootstrapSoftOptions::visit(OptionVisitor& v) {
  v.number("beta", beta, 0.0, 1.0, "weight of the given label, the rest on the network's own distribution");
  HeadOptions::visit(v);
}

void BootstrapHardOptions::visit(OptionVisitor& v) {
  v.number("beta", beta, 0.0, 1.0, "weight of the given label, the rest on the predicted class");
  HeadOptions::visit(v);
}

void EpsSoftmaxOptions::visit(OptionVisitor& v) {
  v.number("m", m, 0.0, 1e12, "weight put on the predicted class: 1e4 for symmetric, 1e2 for asymmetric noise");
  v.number("alpha", alpha, 0.0, 1000.0, "weight of cross entropy");
  v.number("beta", beta, 0.0, 1000.0, "weight of 1 - p");
  HeadOptions::visit(v);
}

void CoresOptions::visit(OptionVisitor& v) {
  v.number("beta", beta, 0.0, 100.0, "weight of the confidence term at its end");
  v.number("start", start, 0.0, 1.0, "share of training before the confidence term");
  v.number("ramp", ramp, 0.0, 1.0, "share of training in which it grows");
  v.number("sieve", sieve, 0.0, 1.0, "share of training before the sieve; 1 = never");
  HeadOptions::visit(v);
}

double CoresOptions::beta_at(double progress) const {
  if (progress < start) return 0;
  return beta * (ramp > 0 ? std::min(1.0, (progress - start) / ramp) : 1.0);
}

at::Tensor LabelSmoothingOptions::value(const LabelScores& s) const {
  return -(1 - rate) * s.own() - rate * s.log_p.mean(1, true);
}

at::Tensor FocalOptions::value(const LabelScores& s) const { return focal_of(s.own(), gamma); }

at::Tensor BootstrapSoftOptions::value(const LabelScores& s) const {
  return -beta * s.own() - (1 - beta) * (s.log_p.exp() * s.log_p).sum(1, true);
}

at::Tensor BootstrapHardOptions::value(const LabelScores& s) const {
  return -beta * s.own() - (1 - beta) * s.log_p.amax(1, true);
}

at::Tensor EpsSoftmaxOptions::value(const LabelScores& s) const {
  auto raised = s.log_p;
  if (m > 0) {
    const auto top = s.log_p.detach().argmax(1, true);
    const auto more = at::logaddexp(s.log_p.gather(1, top), at::full({}, std::log(m), s.log_p.options()));
    raised = s.log_p.scatter(1, top, more) - std::log1p(m);
  }
  return -alpha * s.pick(raised) + beta * complement(s.own());
}

at::Tensor LogitClipOptions::value(const LabelScores& s) const { return -s.own(); }

at::Tensor CoresOptions::value(const LabelScores& s) const {
  const auto own = -s.own(), mean = -s.log_p.mean(1, true);
  const auto loss = own - beta_at(s.batch.progress) * mean;
  if (sieve >= 1 || s.batch.progress < sieve) return loss;
  return loss.masked_fill(own.detach() > mean.detach(), 0.0);
}

}  // namespace winnow
