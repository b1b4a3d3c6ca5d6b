#include "tools/winnow/cmd_eval.h"

#include "src/core/error.h"
#include "src/core/tables.h"
#include "src/evaluation/metric_variant.h"
#include "src/evaluation/retrieval.h"

namespace winnow::cli {

void check_gates(const std::vector<std::string>& gates, const std::map<std::string, double>& metrics, GateNames names) {
  std::string failed;
  for (const auto& gate : gates) {
    const Requirement requirement = parse_requirement(gate);
    auto found = metrics.find(requirement.metric);
    if (found == metrics.end() && names == GateNames::kRetrieval)
      found = metrics.find(parse_metric(requirement.metric).name);
    if (found == metrics.end())
      throw Error(ErrorCode::kUsage, "--require names '" + requirement.metric + "', which was not measured");
    if (!requirement.holds(found->second))
      failed += "\n  " + requirement.text() + " is not met: " + format_number(found->second, 6);
  }
  if (!failed.empty()) throw Error(ErrorCode::kGate, "a gate failed:" + failed);
}

void add_eval(CLI::App& app, Session& session) {
  CLI::App* eval = app.add_subcommand("eval", "score embeddings by exact protocols");
  eval->require_subcommand(1);
  add_eval_retrieval(*eval, session);
  add_eval_index(*eval, session);
  add_eval_face(*eval, session);
  add_eval_threshold(*eval, session);
}

}  // namespace winnow::cli
