#include <memory>

#include "src/core/error.h"
#include "src/core/tables.h"
#include "src/core/text.h"
#include "src/evaluation/metric_variant.h"
#include "src/workflow/eval_pages.h"
#include "src/workflow/eval_text.h"
#include "src/workflow/evaluate.h"
#include "tools/winnow/cmd_eval.h"

namespace winnow::cli {
namespace {

struct Args {
  std::string queries, gallery, csv, report, memory, explain, protocol, truth;
  std::vector<std::string> require, only;
  bool cross_check = false, list = false;
  RetrievalOptions options;
  AblationArgs ablation;
};

int run_protocol(const Args& args, const Session& session) {
  const ProtocolRun run = evaluate_protocol(args.protocol, args.queries, args.gallery, args.truth, args.options);
  for (const auto& task : run.tasks) {
    const std::string suffix = task.task.empty() ? "" : "." + task.task;
    if (!args.csv.empty()) write_query_csv(args.csv + suffix, task, task.options.ks);
    if (!args.report.empty()) write_eval_report(args.report + suffix, task, task.options.ks, session.command);
  }
  print(session.json ? protocol_json(run) + "\n" : protocol_text(run));
  check_gates(args.require, protocol_metrics(run), GateNames::kRetrieval);
  return 0;
}

int run_labels(const Args& args, const Session& session) {
  const EvaluationRun run = evaluate_folders(args.queries, args.gallery, args.options);
  if (!args.csv.empty()) write_query_csv(args.csv, run, args.options.ks);
  if (!args.report.empty()) write_eval_report(args.report, run, args.options.ks, session.command);
  print(session.json ? evaluation_json(run) + "\n" : evaluation_text(run, args.cross_check));
  check_gates(args.require, run.result.metrics, GateNames::kRetrieval);
  return 0;
}

int run(Args& args, const Session& session) {
  if (args.list || !args.explain.empty()) {
    print(args.list ? protocol_table() : explain_metric(args.explain) + "\n");
    return 0;
  }
  if (args.queries.empty()) throw Error(ErrorCode::kUsage, "--queries EMB is required");
  if (args.ablation.wanted) return run_ablation(args.queries, args.gallery, args.ablation, session);
  if (!args.memory.empty()) args.options.memory = parse_bytes(args.memory);
  for (const auto& gate : args.require) parse_requirement(gate);
  if (args.cross_check) args.options.metrics = all_metric_names(args.options.ks);
  if (!args.only.empty()) {
    args.options.metrics = args.only;
    args.options.only_metrics = true;
    args.options.keep_hits = 0;
  }
  return args.protocol.empty() ? run_labels(args, session) : run_protocol(args, session);
}

const std::map<std::string, TieRule> kTies = {{"id", TieRule::kId},
                                              {"expected", TieRule::kExpected},
                                              {"optimistic", TieRule::kOptimistic},
                                              {"pessimistic", TieRule::kPessimistic}};
const std::map<std::string, InvalidQuery> kInvalid = {
    {"skip", InvalidQuery::kSkip}, {"zero", InvalidQuery::kZero}, {"error", InvalidQuery::kError}};
const std::map<std::string, Average> kAverage = {{"query", Average::kQuery}, {"class", Average::kClass}};

}  // namespace

void add_eval_retrieval(CLI::App& eval, Session& session) {
  auto args = std::make_shared<Args>();
  auto* verb = add_verb(
      eval, session, "retrieval", "recall@k, MAP@R, every AP variant; benchmark protocols; exact, in bounded memory",
      "  winnow eval retrieval --queries emb/test --gallery emb/train --report eval.html\n  winnow eval retrieval "
      "--protocol roxford5k --truth gnd_roxford5k.pkl --queries emb/crops --gallery emb/db\n  winnow eval retrieval "
      "--queries emb --cross-check\n  winnow eval retrieval --explain map@100.gldv2",
      [args, &session] { return run(*args, session); });
  auto& o = args->options;
  verb->add_option("--queries", args->queries, "embeddings folder");
  verb->add_option("--gallery", args->gallery, "embeddings folder (default: the queries themselves)");
  verb->add_option("--protocol", args->protocol, "benchmark by name (--list-protocols)");
  verb->add_option("--truth", args->truth, "ground truth or split file of the protocol");
  verb->add_flag("--list-protocols", args->list, "names, what they are, what --truth must be");
  verb->add_option("--k", o.ks, "ranks (default 1 5 10)")->delimiter(',')->check(CLI::Range(1, 1000000));
  verb->add_option("--metrics", o.metrics, "further variants, e.g. map@100.gldv2,inp,mp@10.rop")->delimiter(',');
  verb->add_flag("--cross-check", args->cross_check, "all variants side by side, with what tells them apart");
  verb->add_option("--ties", o.ties, "order of equal scores")->transform(CLI::CheckedTransformer(kTies));
  verb->add_option("--invalid", o.invalid, "queries without an answer")->transform(CLI::CheckedTransformer(kInvalid));
  verb->add_option("--average", o.average, "mean over queries or classes")
      ->transform(CLI::CheckedTransformer(kAverage));
  verb->add_option("--mem", args->memory, "memory above the vectors, e.g. 2G: stated before, measured after");
  verb->add_option("--bootstrap", o.bootstrap, "resamples (0 = no intervals)")->check(CLI::Range(0, 1000000));
  verb->add_option("--seed", o.seed, "seed of the resamples");
  verb->add_option("--per-query", args->csv, "CSV with one line a query (winnow compare reads it)");
  verb->add_option("--report", args->report, "HTML report");
  verb->add_option("--require", args->require, "gate such as 'recall@1>=0.5' (repeatable); exit 6 when it fails");
  verb->add_option("--only", args->only, "nothing but these, e.g. recall@1,map@r: no ranking is counted past its start")
      ->delimiter(',')
      ->excludes("--metrics", "--protocol", "--cross-check", "--per-query", "--report");
  add_ablation_options(*verb, args->ablation);
  verb->add_option("--explain", args->explain, "print a metric's formula and where it differs from its namesakes");
}

}  // namespace winnow::cli
