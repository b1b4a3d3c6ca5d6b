#include <memory>

#include "src/core/error.h"
#include "src/core/tables.h"
#include "src/core/text.h"
#include "src/workflow/eval_threshold.h"
#include "tools/winnow/cmd_eval.h"

namespace winnow::cli {
namespace {

struct Args {
  std::string queries, gallery, target = "precision=0.95", store, level = "same", memory;
  RetrievalOptions options;
};

std::string share(double v) { return format_number(v, 4); }

void print_threshold(const ThresholdRun& run) {
  const auto& t = run.threshold;
  print("threshold " + format_number(t.score, 4) + " (95 %: " + format_number(t.interval.low, 4) + " .. " +
        format_number(t.interval.high, 4) + ") for " + run.target + (t.reached ? "" : ": NOT REACHED by any score") +
        (t.too_few ? "; too few cases to rely on" : "") + "\nprecision " + share(t.precision) + ", recall " +
        share(t.recall) + ", far " + share(t.far) + "; " + std::to_string(t.accepted) + " of " +
        std::to_string(t.right + t.wrong) + " first hits accepted\n");
  Table classes({"class", "threshold", "precision", "recall", "queries"});
  for (const auto& c : run.classes)
    classes.add({c.label, format_number(c.threshold.score, 4), share(c.threshold.precision), share(c.threshold.recall),
                 std::to_string(c.threshold.right + c.threshold.wrong)});
  if (!run.classes.empty()) print(classes.text());
  Table behind({"score", "should be", "query", "label", "first hit", "label of the hit"});
  for (const auto& hit : run.behind) {
    const auto& query = run.run.result.queries[static_cast<size_t>(hit.query)];
    const auto& item = run.run.query_item(query.query_row);
    const auto& answer = run.run.gallery_item(query.top[0].gallery_row);
    behind.add({format_number(hit.score, 4), hit.right ? "accepted" : "refused", item.path, item.label, answer.path,
                answer.label});
  }
  if (!run.behind.empty()) print(behind.text());
}

int run(Args& args, const Session& session) {
  if (!args.memory.empty()) args.options.memory = parse_bytes(args.memory);
  args.options.keep_hits = 1;
  const ThresholdRun result = threshold_of_folders(args.queries, args.gallery, args.target, args.options);
  if (!args.store.empty()) store_threshold(args.store, result, args.level);
  if (session.json)
    print_json(threshold_document(result));
  else
    print_threshold(result);
  return 0;
}

}  // namespace

void add_eval_threshold(CLI::App& eval, Session& session) {
  auto args = std::make_shared<Args>();
  auto* verb = add_verb(
      eval, session, "threshold", "the score from which a first hit is believed, with interval and the pairs behind it",
      "  winnow eval threshold --queries emb/test --gallery emb/train --target precision=0.95\n  winnow eval threshold "
      "--queries emb/test --gallery emb/train --target far=0.01 --store run/model --level same",
      [args, &session] { return run(*args, session); });
  verb->add_option("--queries", args->queries, "embeddings folder")->required();
  verb->add_option("--gallery", args->gallery, "embeddings folder (default: the queries themselves)");
  verb->add_option("--target", args->target, "far=RATE, precision=SHARE or recall=SHARE");
  verb->add_option("--store", args->store, "model folder whose card keeps the threshold; query then uses it");
  verb->add_option("--level", args->level, "what the threshold means in the card")
      ->check(CLI::IsMember({"same", "similar"}));
  verb->add_option("--mem", args->memory, "memory above the vectors, e.g. 2G");
  verb->add_option("--bootstrap", args->options.bootstrap, "resamples for the interval")->check(CLI::Range(0, 1000000));
  verb->add_option("--seed", args->options.seed, "seed of the resamples");
}

}  // namespace winnow::cli
