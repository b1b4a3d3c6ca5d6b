#include "losses/bounded.h"

#include <ATen/ATen.h>

#include <cmath>

namespace winnow {
namespace {

at::Tensor gce_of(const at::Tensor& log_p, double q) { return -at::expm1(q * log_p) / q; }

void visit_floor(OptionVisitor& v, double& floor) {
  v.number("label_floor", floor, 1e-12, 0.5, "clamp on the label's zeros; A = -log of it");
}

}  // namespace

void GceOptions::visit(OptionVisitor& v) {
  v.number("q", q, 1e-9, 1.0, "0 is cross entropy, 1 is MAE");
  HeadOptions::visit(v);
}

void TruncatedGceOptions::visit(OptionVisitor& v) {
  v.number("q", q, 1e-9, 1.0, "0 is cross entropy, 1 is MAE");
  v.number("k", k, 0.0, 1.0, "labels under this probability are left out; 0 = none");
  v.number("start", start, 0.0, 1.0, "share of training before labels are left out");
  HeadOptions::visit(v);
}

void RceOptions::visit(OptionVisitor& v) {
  visit_floor(v, label_floor);
  HeadOptions::visit(v);
}

void SceOptions::visit(OptionVisitor& v) {
  v.number("alpha", alpha, 0.0, 1000.0, "weight of cross entropy; 6 for about 100 classes");
  v.number("beta", beta, 0.0, 1000.0, "weight of reverse cross entropy; 0.1 for about 100 classes");
  visit_floor(v, label_floor);
  HeadOptions::visit(v);
}

void TaylorOptions::visit(OptionVisitor& v) {
  v.integer("terms", terms, 1, 1000, "terms of the series; 1 is MAE, many is cross entropy");
  HeadOptions::visit(v);
}

void AgceOptions::visit(OptionVisitor& v) {
  v.number("a", a, 1e-6, 1000.0, "asymmetry, > 0");
  v.number("q", q, 1e-6, 100.0, "exponent, > 0");
  HeadOptions::visit(v);
}

void AulOptions::visit(OptionVisitor& v) {
  v.number("a", a, 1.0, 1000.0, "asymmetry, > 1");
  v.number("q", q, 1e-6, 100.0, "exponent, > 0");
  HeadOptions::visit(v);
}

void AelOptions::visit(OptionVisitor& v) {
  v.number("a", a, 1e-3, 1000.0, "decay of the exponential, > 0");
  HeadOptions::visit(v);
}

at::Tensor agce_of(const at::Tensor& p, double a, double q) { return (std::pow(a + 1, q) - (a + p).pow(q)) / q; }

at::Tensor aul_of(const at::Tensor& p, double a, double q) {
  // p may round to just above 1
  return ((a - p).clamp_min(1e-12).pow(q) - std::pow(a - 1, q)) / q;
}

at::Tensor ael_of(const at::Tensor& p, double a) { return (-p / a).exp(); }

at::Tensor MaeOptions::value(const LabelScores& s) const { return complement(s.own()); }

at::Tensor GceOptions::value(const LabelScores& s) const { return gce_of(s.own(), q); }

at::Tensor TruncatedGceOptions::value(const LabelScores& s) const {
  const auto own = s.own(), plain = gce_of(own, q);
  if (k == 0 || s.batch.progress < start) return plain;
  return plain.masked_fill(own <= std::log(k), -std::expm1(q * std::log(k)) / q);
}

at::Tensor RceOptions::value(const LabelScores& s) const { return -std::log(label_floor) * complement(s.own()); }

at::Tensor SceOptions::value(const LabelScores& s) const {
  const auto own = s.own();
  return -alpha * own - beta * std::log(label_floor) * complement(own);
}

at::Tensor TaylorOptions::value(const LabelScores& s) const {
  const auto u = complement(s.own());
  auto power = u, sum = u;
  for (int64_t i = 2; i <= terms; ++i) {
    power = power * u;
    sum = sum + power / static_cast<double>(i);
  }
  return sum;
}

at::Tensor AgceOptions::value(const LabelScores& s) const { return agce_of(s.own().exp(), a, q); }
at::Tensor AulOptions::value(const LabelScores& s) const { return aul_of(s.own().exp(), a, q); }
at::Tensor AelOptions::value(const LabelScores& s) const { return ael_of(s.own().exp(), a); }

}  // namespace winnow
