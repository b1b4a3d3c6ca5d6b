#include <memory>

#include "src/core/error.h"
#include "src/core/tables.h"
#include "src/core/text.h"
#include "src/workflow/eval_pages.h"
#include "src/workflow/evaluate.h"
#include "tools/winnow/cli.h"

namespace winnow::cli {
namespace {

struct Args {
  std::string queries, gallery, csv, report, memory, explain;
  std::string ties = "id";
  std::vector<std::string> require;
  RetrievalOptions options;
};

TieRule tie_rule(const std::string& name) {
  if (name == "expected") return TieRule::kExpected;
  if (name == "optimistic") return TieRule::kOptimistic;
  return name == "pessimistic" ? TieRule::kPessimistic : TieRule::kId;
}

void print_result(const EvaluationRun& run) {
  Table table({"metric", "value", "95 % interval"});
  for (const auto& [name, value] : run.result.metrics) {
    const auto at = run.result.intervals.find(name);
    table.add({name, format_number(value, 4),
               at == run.result.intervals.end()
                   ? ""
                   : format_number(at->second.low, 4) + " .. " + format_number(at->second.high, 4)});
  }
  print(table.text() + std::to_string(run.result.queries.size()) + " queries (" + std::to_string(run.result.excluded) +
        " without a relevant item left out), gallery " + std::to_string(run.gallery.rows()) + ", self-match " +
        (run.same_set ? "removed by id" : "not possible: two sets") + ", ties touch " +
        std::to_string(run.result.ties) + " queries, " + format_number(run.result.seconds, 2) + " s\n");
}

int check_gates(const std::vector<std::string>& gates, const EvaluationRun& run) {
  std::string failed;
  for (const auto& gate : gates) {
    const Requirement requirement = parse_requirement(gate);
    const auto found = run.result.metrics.find(requirement.metric);
    if (found == run.result.metrics.end())
      throw Error(ErrorCode::kUsage, "--require names '" + requirement.metric + "', which was not measured");
    if (!requirement.holds(found->second))
      failed += "\n  " + requirement.text() + " is not met: " + format_number(found->second, 6);
  }
  if (!failed.empty()) throw Error(ErrorCode::kGate, "a gate failed:" + failed);
  return 0;
}

int run(Args& args, const Session& session) {
  if (!args.explain.empty()) {
    print(explain_metric(args.explain) + "\n");
    return 0;
  }
  if (args.queries.empty()) throw Error(ErrorCode::kUsage, "--queries EMB is required");
  if (!args.memory.empty()) args.options.memory = parse_bytes(args.memory);
  for (const auto& gate : args.require) parse_requirement(gate);
  args.options.ties = tie_rule(args.ties);
  const EvaluationRun run = evaluate_folders(args.queries, args.gallery, args.options);
  if (!args.csv.empty()) write_query_csv(args.csv, run, args.options.ks);
  if (!args.report.empty()) write_eval_report(args.report, run, args.options.ks, session.command);
  if (session.json)
    print(evaluation_json(run) + "\n");
  else
    print_result(run);
  return check_gates(args.require, run);
}

}  // namespace

void add_eval(CLI::App& app, Session& session) {
  CLI::App* eval = app.add_subcommand("eval", "score embeddings by exact protocols");
  eval->require_subcommand(1);
  auto args = std::make_shared<Args>();
  auto* verb = add_verb(
      *eval, session, "retrieval", "recall@k, precision@k, MAP@R, R-precision, AP, MRR; exact, in bounded memory",
      "  winnow eval retrieval --queries emb/test --gallery emb/train --report eval.html\n  winnow eval retrieval "
      "--queries emb --require 'recall@1>=0.5'\n  winnow eval retrieval --explain map@r",
      [args, &session] { return run(*args, session); });
  verb->add_option("--queries", args->queries, "embeddings folder");
  verb->add_option("--gallery", args->gallery,
                   "embeddings folder (default: the queries, each left out of its own gallery)");
  verb->add_option("--k", args->options.ks, "ranks for recall@k and precision@k (default 1 5 10)")
      ->delimiter(',')
      ->check(CLI::Range(1, 100000));
  verb->add_option("--ties", args->ties, "id, expected, optimistic or pessimistic")
      ->check(CLI::IsMember({"id", "expected", "optimistic", "pessimistic"}));
  verb->add_option("--mem", args->memory, "memory for score tiles, e.g. 2G");
  verb->add_option("--bootstrap", args->options.bootstrap, "resamples for the intervals (0 = none)")
      ->check(CLI::Range(0, 1000000));
  verb->add_option("--seed", args->options.seed, "seed of the resamples");
  verb->add_option("--per-query", args->csv, "CSV with one line a query");
  verb->add_option("--report", args->report, "HTML report");
  verb->add_option("--require", args->require, "gate such as 'recall@1>=0.5' (repeatable); exit 6 when it fails");
  verb->add_option("--explain", args->explain, "print a metric's definition");
  add_eval_face(*eval, session);
}

}  // namespace winnow::cli
