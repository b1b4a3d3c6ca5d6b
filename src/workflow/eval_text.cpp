#include "src/workflow/eval_text.h"

#include "src/core/tables.h"
#include "src/core/text.h"
#include "src/evaluation/metric_variant.h"

namespace winnow {
namespace {

std::string differs(const std::string& name) {
  const auto variant = parse_metric(name);
  for (const auto& definition : metric_definitions())
    if (definition.kind == variant.kind) return definition.differs;
  return "";
}

std::string counts_of(const EvaluationRun& run) {
  return std::to_string(run.result.queries.size()) + " queries (" + std::to_string(run.result.excluded) +
         " without a relevant item), gallery " + std::to_string(run.gallery_set.labels.size()) + ", self-match " +
         (run.same_set ? "removed by id" : "kept or not possible") +
         (run.result.whole ? ", ties touch " + std::to_string(run.result.ties) + " queries, "
                           : ", first ranks only, ") +
         format_number(run.result.seconds, 2) + " s, " + format_bytes(run.measured_memory) +
         " of memory beside the mapped vectors (" + format_bytes(run.stated_memory) + " stated)\n";
}

}  // namespace

std::string interval_text(const std::map<std::string, Interval>& intervals, const std::string& name) {
  const auto at = intervals.find(name);
  if (at == intervals.end()) return "";
  return format_number(at->second.low, 4) + " .. " + format_number(at->second.high, 4);
}

std::string evaluation_text(const EvaluationRun& run, bool differences) {
  std::vector<std::string> header = {"metric", "value", "95 % interval"};
  if (differences) header.push_back("differs from its namesakes");
  Table table(header);
  for (const auto& [name, value] : run.result.metrics) {
    std::vector<std::string> row = {name, format_number(value, 4), interval_text(run.result.intervals, name)};
    if (differences) row.push_back(differs(name));
    table.add(row);
  }
  return table.text() + counts_of(run);
}

std::string protocol_text(const ProtocolRun& run) {
  std::string out = std::string(run.protocol->name) + ": " + run.protocol->summary + "\n";
  for (const auto& task : run.tasks) {
    if (!task.task.empty()) out += "\n" + task.task + "\n";
    out += evaluation_text(task, false);
  }
  for (const auto& note : run.notes) out += "note: " + note + "\n";
  return out;
}

std::string protocol_table() {
  Table table({"protocol", "--truth", "metrics", "what it is"});
  for (const auto& p : retrieval_protocols()) table.add({p.name, p.truth, join(p.metrics, ", "), p.summary});
  return table.text();
}

}  // namespace winnow
