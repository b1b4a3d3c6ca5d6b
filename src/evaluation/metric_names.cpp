#include <charconv>
#include <string>

#include "src/core/error.h"
#include "src/core/text.h"
#include "src/evaluation/metric_variant.h"

namespace winnow {

std::vector<std::string> metric_names(const std::vector<int64_t>& ks) {
  std::vector<std::string> out;
  for (const char* prefix : {"recall@", "precision@"})
    for (const int64_t k : ks) out.push_back(prefix + std::to_string(k));
  for (const char* name : {"map@r", "r_precision", "ap.finite", "ap.trapezoid", "mrr"}) out.emplace_back(name);
  return out;
}

std::string explain_metric(const std::string& name) {
  const auto variant = parse_metric(name);
  for (const auto& definition : metric_definitions()) {
    if (definition.kind != variant.kind) continue;
    std::string out = variant.name + " = mean over queries of " + definition.formula;
    if (variant.k > 1 || variant.name.find('@') != std::string::npos)
      if (variant.kind != MetricKind::kMapAtR) out += "; K = " + std::to_string(variant.k);
    if (*definition.differs) out += "\n  differs: " + std::string(definition.differs);
    return out + "\n  used by: " + definition.used_by +
           "\n  where rel[i] = 1 if the item at 0-based rank i is relevant, after masks; R = relevant items of the "
           "query; h(i) = hits up to rank i; P(i) = h(i) / (i+1)";
  }
  throw Error(ErrorCode::kInternal, "[evaluation] metric '" + name + "' has no definition");
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
