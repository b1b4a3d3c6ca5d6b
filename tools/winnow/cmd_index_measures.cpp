#include <memory>

#include "src/core/error.h"
#include "src/core/text.h"
#include "src/workflow/index_text.h"
#include "src/workflow/tune_page.h"
#include "tools/winnow/cmd_index.h"

namespace winnow::cli {
namespace {

struct Args {
  std::vector<std::string> embeddings;
  std::string folder, memory, html;
  TuneOptions tuning;
  int64_t sample = 1000;
};

int tune(Args& args, const Session& session) {
  if (!args.memory.empty()) args.tuning.memory = parse_bytes(args.memory);
  init_search_threads();
  const auto slices = open_embeddings(args.embeddings);
  const Tuning t = tune_index(slices, args.folder, args.tuning, log_step);
  if (!args.html.empty()) write_tuning_page(args.html, t);
  if (session.json)
    print_json(tuning_json(t));
  else
    print(tuning_text(t) + "next: winnow index build " + args.embeddings.front() + " --out " + args.folder + "\n");
  return 0;
}

int verify(const Args& args, const Session& session) {
  init_search_threads();
  const IndexVerification v = verify_index(args.folder, args.sample, 1);
  if (session.json)
    print_json(verification_json(v));
  else
    print(verification_text(v));
  return v.ok ? 0 : exit_code(ErrorCode::kData);
}

int calibrate(const Args& args, const Session& session) {
  init_search_threads();
  const ScoreWords w = calibrate_scores(*Index::open(args.folder), args.sample, 1);
  write_score_words(args.folder, w);
  if (session.json)
    print_json(score_words_json(w));
  else
    print(score_words_text(w));
  return 0;
}

}  // namespace

void add_index_measures(CLI::App& index, Session& session) {
  const auto args = std::make_shared<Args>();
  auto* v = add_verb(index, session, "tune", "measures index types on your vectors and stores the choice for `build`",
                     "  winnow index tune emb --out shop.idx --target-recall 0.98 --mem 4G --html tune.html",
                     [args, &session] { return tune(*args, session); });
  v->add_option("embeddings", args->embeddings, "embeddings folder, or the slices of one (repeatable)")->required();
  v->add_option("--out", args->folder, "index folder that gets tuning.json")->required();
  v->add_option("--target-recall", args->tuning.target_recall, "recall@10 against exact search")
      ->check(CLI::Range(0.01, 1.0));
  v->add_option("--mem", args->memory, "memory budget of the searchable index, e.g. 4G");
  v->add_option("--queries", args->tuning.queries, "rows held out as queries")->check(CLI::Range(10, 1000000));
  v->add_option("--type", args->tuning.types, "candidates (repeatable; default: those that suit the size)");
  v->add_option("--html", args->html, "page with the recall, time and memory curves");
  v = add_verb(index, session, "verify", "digests of every file, counts, ids, recall against exact search",
               "  winnow index verify shop.idx --json", [args, &session] { return verify(*args, session); });
  v->add_option("index", args->folder, "index folder")->required();
  v->add_option("--sample", args->sample, "items used for the recall figure")->check(CLI::Range(1, 1000000));
  v = add_verb(index, session, "calibrate", "puts scores into words: from which cosine items share a label",
               "  winnow index calibrate shop.idx", [args, &session] { return calibrate(*args, session); });
  v->add_option("index", args->folder, "index folder")->required();
  v->add_option("--sample", args->sample, "labelled items asked for their neighbours")->check(CLI::Range(1, 1000000));
}

}  // namespace winnow::cli
