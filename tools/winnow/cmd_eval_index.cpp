#include <memory>

#include "src/core/error.h"
#include "src/workflow/evaluate_index.h"
#include "tools/winnow/cmd_eval.h"

namespace winnow::cli {
namespace {

struct Args {
  std::string queries, index;
  std::vector<std::string> require;
  IndexEvaluationOptions options;
};

int run(const Args& args, const Session& session) {
  for (const auto& gate : args.require) parse_requirement(gate);
  const IndexEvaluation result = evaluate_index(args.queries, args.index, args.options);
  print(session.json ? index_evaluation_json(result) + "\n" : index_evaluation_text(result));
  check_gates(args.require, result.metrics, GateNames::kRetrieval);
  return 0;
}

}  // namespace

void add_eval_index(CLI::App& eval, Session& session) {
  auto args = std::make_shared<Args>();
  auto* verb = add_verb(eval, session, "index", "metrics over the candidates an index returns, and its recall",
                        "  winnow eval index --queries emb/test --index shop.index\n  winnow eval index --queries "
                        "emb/test --index shop.index --candidates 1000 --metrics recall@1,map@100.gldv2",
                        [args, &session] { return run(*args, session); });
  auto& o = args->options;
  verb->add_option("--queries", args->queries, "embeddings folder")->required();
  verb->add_option("--index", args->index, "index folder; equal labels are relevant")->required();
  verb->add_option("--candidates", o.candidates, "hits taken for each query")->check(CLI::Range(1, 1000000));
  verb->add_option("--k", o.ks, "ranks (default 1 5 10)")->delimiter(',')->check(CLI::Range(1, 1000000));
  verb->add_option("--metrics", o.metrics, "variants with a cut instead, e.g. map@100.gldv2")->delimiter(',');
  verb->add_option("--sample", o.sample, "queries that are searched exactly too")->check(CLI::Range(1, 1000000));
  verb->add_option("--bootstrap", o.bootstrap, "resamples (0 = no intervals)")->check(CLI::Range(0, 1000000));
  verb->add_option("--seed", o.seed, "seed of sample and resamples");
  verb->add_option("--require", args->require, "gate such as 'recall@1>=0.5' (repeatable); exit 6 when it fails");
}

}  // namespace winnow::cli
