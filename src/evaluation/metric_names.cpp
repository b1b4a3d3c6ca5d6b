#include <charconv>
#include <map>
#include <string>

#include "src/core/error.h"
#include "src/core/text.h"
#include "src/evaluation/retrieval.h"

namespace winnow {
namespace {

const std::map<std::string, std::string>& fixed_metrics() {
  static const std::map<std::string, std::string> out = {
      {"map@r",
       "map@r = mean over queries of (1/R) sum over the first R ranks i with a relevant item of P(i); R = relevant "
       "items of the query, P(i) = share of relevant items up to rank i (Musgrave et al. 2020)"},
      {"r_precision",
       "r_precision = mean over queries of the share of relevant items among the first R, R = relevant "
       "items of the query"},
      {"ap.finite",
       "ap.finite = mean over queries of (1/R) sum over all relevant items of P(rank); the mAP of "
       "scikit-learn and of most re-identification code"},
      {"ap.trapezoid",
       "ap.trapezoid = mean over queries of the area under the precision-recall curve by trapezoids; "
       "the mAP of Oxford and Paris (never above ap.finite)"},
      {"mrr", "mrr = mean over queries of 1 / (1-based rank of the first relevant item)"}};
  return out;
}

/// K of "PREFIX@K", 0 when the name is another.
int64_t cut_of(const std::string& name, const std::string& prefix) {
  if (name.rfind(prefix + "@", 0) != 0) return 0;
  const auto k = parse_int(std::string_view(name).substr(prefix.size() + 1));
  return k && *k >= 1 ? *k : 0;
}

}  // namespace

std::vector<std::string> metric_names(const std::vector<int64_t>& ks) {
  std::vector<std::string> out;
  for (const char* prefix : {"recall@", "precision@"})
    for (const int64_t k : ks) out.push_back(prefix + std::to_string(k));
  for (const char* name : {"map@r", "r_precision", "ap.finite", "ap.trapezoid", "mrr"}) out.emplace_back(name);
  return out;
}

std::string explain_metric(const std::string& name) {
  const auto& fixed = fixed_metrics();
  if (const auto found = fixed.find(name); found != fixed.end()) return found->second;
  if (const int64_t k = cut_of(name, "recall"))
    return name + " = share of queries with at least one relevant item among the first " + std::to_string(k) +
           " (Recall@K of metric learning, hit@k, CMC)";
  if (const int64_t k = cut_of(name, "precision"))
    return name + " = mean over queries of the share of relevant items among the first " + std::to_string(k) +
           "; the denominator is always " + std::to_string(k);
  const auto known = metric_names({1, 5, 10});
  std::string message = "[evaluation] unknown metric '" + name + "'";
  if (const auto near = nearest_name(name, known)) message += " (did you mean '" + *near + "'?)";
  throw Error(ErrorCode::kUsage, message +
                                     "; known: recall@K, precision@K, map@r, r_precision, ap.finite, "
                                     "ap.trapezoid, mrr");
}

bool Requirement::holds(double value) const {
  if (op == ">=") return value >= bound;
  if (op == ">") return value > bound;
  if (op == "<=") return value <= bound;
  if (op == "<") return value < bound;
  return value == bound;
}

std::string Requirement::text() const {
  char number[32];
  const auto end = std::to_chars(number, number + sizeof number, bound).ptr;
  return metric + op + std::string(number, end);
}

Requirement parse_requirement(const std::string& text) {
  const auto at = text.find_first_of("<>=");
  if (at != std::string::npos) {
    const size_t length = text.size() > at + 1 && text[at + 1] == '=' ? 2 : 1;
    Requirement out;
    out.metric = std::string(trim(text.substr(0, at)));
    out.op = text.substr(at, length);
    const auto bound = parse_double(trim(std::string_view(text).substr(at + length)));
    if (!out.metric.empty() && out.op != "=" && bound) {
      out.bound = *bound;
      return out;
    }
  }
  throw Error(ErrorCode::kUsage,
              "[evaluation] a requirement reads METRIC>=NUMBER (also >, <=, <, ==), as in "
              "recall@1>=0.5; given '" +
                  text + "'");
}

}  // namespace winnow
