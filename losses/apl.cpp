#include "losses/apl.h"

#include <ATen/ATen.h>

#include <cmath>
#include <map>

#include "losses/bounded.h"

namespace winnow {
namespace {

constexpr int64_t kFewClasses = 20;
constexpr double kLeastTotal = 1e-12;  // one class: 0 / 0

struct AplWeights {
  double alpha, beta, a, q;
};

/// The authors' settings for CIFAR-10 and CIFAR-100.
const AplWeights& published_weights(const std::string& passive, int64_t classes) {
  static const std::map<std::string, AplWeights> few = {{"rce", {1, 1, 0, 0}},
                                                        {"mae", {1, 1, 0, 0}},
                                                        {"agce", {1, 4, 6, 1.5}},
                                                        {"aul", {1, 4, 6.3, 1.5}},
                                                        {"ael", {1, 4, 5, 0}}};
  static const std::map<std::string, AplWeights> many = {{"rce", {10, 0.1, 0, 0}},
                                                         {"mae", {10, 1, 0, 0}},
                                                         {"agce", {10, 0.1, 1.8, 3}},
                                                         {"aul", {10, 0.015, 6, 3}},
                                                         {"ael", {10, 0.1, 1.5, 0}}};
  return (classes <= kFewClasses ? few : many).at(passive);
}

at::Tensor normalized(const LabelScores& s, const at::Tensor& all) {
  return s.pick(all) / all.sum(1, true).clamp_min(kLeastTotal);
}

}  // namespace

at::Tensor focal_of(const at::Tensor& log_p, double gamma) {
  return complement(log_p).clamp_min(kLeastTotal).pow(gamma) * -log_p;
}

void NflOptions::visit(OptionVisitor& v) {
  v.number("gamma", gamma, 0.0, 10.0, "focal exponent");
  HeadOptions::visit(v);
}

void AplOptions::visit_weights(OptionVisitor& v) {
  v.number("alpha", alpha, 0.0, 1000.0, "weight of the active term; 0 = published for the number of classes");
  v.number("beta", beta, 0.0, 1000.0, "weight of the passive term; 0 = published for the number of classes");
  if (passive == "agce" || passive == "aul" || passive == "ael")
    v.number("a", a, 0.0, 1000.0, "a of the passive term; 0 = published for the number of classes");
  if (passive == "agce" || passive == "aul")
    v.number("q", q, 0.0, 100.0, "exponent of the passive term; 0 = published for the number of classes");
  if (active == "nfl") v.number("gamma", gamma, 0.0, 10.0, "focal exponent of the active term");
  if (passive == "rce") v.number("label_floor", label_floor, 1e-12, 0.5, "clamp on the label's zeros in RCE");
  HeadOptions::visit(v);
}

void AplOptions::visit(OptionVisitor& v) {
  v.choice("active", active, {"nce", "nfl"}, "the term that fits");
  v.choice("passive", passive, {"rce", "mae", "agce", "aul", "ael"}, "the term that bounds");
  v.number("alpha", alpha, 0.0, 1000.0, "weight of the active term; 0 = published for the number of classes");
  v.number("beta", beta, 0.0, 1000.0, "weight of the passive term; 0 = published for the number of classes");
  v.number("a", a, 0.0, 1000.0, "agce, aul, ael: a; 0 = published for the number of classes");
  v.number("q", q, 0.0, 100.0, "agce, aul: exponent; 0 = published for the number of classes");
  v.number("gamma", gamma, 0.0, 10.0, "nfl: focal exponent");
  v.number("label_floor", label_floor, 1e-12, 0.5, "rce: clamp on the label's zeros");
  HeadOptions::visit(v);
}

void NceRceOptions::visit(OptionVisitor& v) { visit_weights(v); }
void NceMaeOptions::visit(OptionVisitor& v) { visit_weights(v); }
void NflRceOptions::visit(OptionVisitor& v) { visit_weights(v); }
void NflMaeOptions::visit(OptionVisitor& v) { visit_weights(v); }
void NceAgceOptions::visit(OptionVisitor& v) { visit_weights(v); }
void NceAulOptions::visit(OptionVisitor& v) { visit_weights(v); }
void NceAelOptions::visit(OptionVisitor& v) { visit_weights(v); }

at::Tensor NceOptions::value(const LabelScores& s) const { return normalized(s, -s.log_p); }

at::Tensor NflOptions::value(const LabelScores& s) const { return normalized(s, focal_of(s.log_p, gamma)); }

at::Tensor AplOptions::value(const LabelScores& s) const {
  const auto& published = published_weights(passive, s.context.classes);
  const auto or_published = [](double own, double other) { return own > 0 ? own : other; };
  const auto own = s.own();
  const double shape = or_published(a, published.a), exponent = or_published(q, published.q);
  at::Tensor bound;
  if (passive == "rce") bound = -std::log(label_floor) * complement(own);
  if (passive == "mae") bound = complement(own);
  if (passive == "agce") bound = agce_of(own.exp(), shape, exponent);
  if (passive == "aul") bound = aul_of(own.exp(), shape, exponent);
  if (passive == "ael") bound = ael_of(own.exp(), shape);
  const auto fit = normalized(s, active == "nfl" ? focal_of(s.log_p, gamma) : -s.log_p);
  return or_published(alpha, published.alpha) * fit + or_published(beta, published.beta) * bound;
}

}  // namespace winnow
