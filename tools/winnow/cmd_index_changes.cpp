#include <memory>

#include "retrieval/index_edit.h"
#include "retrieval/score_words.h"
#include "src/core/error.h"
#include "src/core/log.h"
#include "src/core/tables.h"
#include "src/core/text.h"
#include "src/workflow/tune_page.h"
#include "tools/winnow/cmd_index.h"

namespace winnow::cli {
namespace {

struct Args {
  std::vector<std::string> inputs;
  std::string folder, memory, old_queries, new_queries, html;
  bool update = false, force = false;
  RemovalOptions removal;
  CompactOptions compact;
  IndexMergeOptions merge;
  MigrationOptions migration;
  TuneOptions tuning;
  int64_t sample = 1000;
};

void log_step(const std::string& step) { log_info("index: {}", step); }

int print_written(const std::string& folder, const WriteResult& r, const Session& session) {
  const IndexInfo now = read_index_info(folder);
  if (session.json)
    print_json({{"inserted", r.inserted}, {"replaced", r.replaced}, {"removed", r.removed}, {"items", now.live}});
  else
    print(std::to_string(r.inserted) + " inserted, " + std::to_string(r.replaced) + " replaced, " +
          std::to_string(r.removed) + " removed; " + std::to_string(now.live) + " items\n");
  return 0;
}

int add(const Args& args, const Session& session) {
  const auto slices = open_embeddings(args.inputs);
  return print_written(args.folder, add_to_index(args.folder, slices, args.update), session);
}

int rm(const Args& args, const Session& session) {
  if (args.removal.ids.empty() && args.removal.where.empty())
    throw Error(ErrorCode::kUsage, "--id or --where is required");
  return print_written(args.folder, remove_from_index(args.folder, args.removal), session);
}

int print_info(const IndexInfo& info, const Session& session) {
  if (session.json)
    print_json(info_document(info));
  else
    print(info_text(info));
  return 0;
}

int compact(Args& args, const Session& session) {
  if (!args.memory.empty()) args.compact.memory = parse_bytes(args.memory);
  init_search_threads();
  return print_info(LiveIndex::open(args.folder)->compact(args.compact, log_step), session);
}

int merge(Args& args, const Session& session) {
  if (!args.memory.empty()) args.merge.build.memory = parse_bytes(args.memory);
  init_search_threads();
  return print_info(merge_indexes({args.inputs.begin(), args.inputs.end()}, args.folder, args.merge, log_step),
                    session);
}

int migrate(Args& args, const Session& session) {
  if (!args.memory.empty()) args.migration.build.memory = parse_bytes(args.memory);
  if (args.old_queries.empty() != args.new_queries.empty())
    throw Error(ErrorCode::kUsage, "--old-queries and --new-queries are required together");
  if (args.force) args.migration.max_loss = 1;
  init_search_threads();
  const auto items = Embeddings::open(args.inputs.at(0));
  const auto queries =
      open_embeddings(args.old_queries.empty() ? std::vector<std::string>{}
                                               : std::vector<std::string>{args.old_queries, args.new_queries});
  const bool given = !queries.empty();
  const Migration m = migrate_index(args.folder, items, given ? &queries[0] : nullptr, given ? &queries[1] : nullptr,
                                    args.migration, log_step);
  if (session.json)
    print_json({{"swapped", m.swapped},
                {"queries", m.queries},
                {"labelled", m.labelled},
                {"recall@1_before", m.recall_before},
                {"recall@1_after", m.recall_after},
                {"overlap@10", m.overlap_at_10},
                {"generation", m.info.generation}});
  else
    print(std::to_string(m.queries) + " queries: recall@1 " + format_number(m.recall_before, 4) + " -> " +
          format_number(m.recall_after, 4) + ", " + format_number(100 * m.overlap_at_10, 1) +
          " % of the ten best are the same" + (m.labelled ? "" : " (no labels, so recall says nothing)") + "\n" +
          (m.swapped ? "swapped: generation " + std::to_string(m.info.generation) + "\n"
                     : "not swapped: the new model is worse; --force swaps all the same\n"));
  return m.swapped ? 0 : exit_code(ErrorCode::kGate);
}

int tune(Args& args, const Session& session) {
  if (!args.memory.empty()) args.tuning.memory = parse_bytes(args.memory);
  init_search_threads();
  const auto slices = open_embeddings(args.inputs);
  const Tuning t = tune_index(slices, args.folder, args.tuning, log_step);
  if (!args.html.empty()) write_tuning_page(args.html, t);
  if (session.json)
    print_json(tuning_json(t));
  else
    print(tuning_text(t) + "next: winnow index build " + args.inputs.front() + " --out " + args.folder + "\n");
  return 0;
}

int calibrate(Args& args, const Session& session) {
  init_search_threads();
  const ScoreWords w = calibrate_scores(*Index::open(args.folder), args.sample, 1);
  write_score_words(args.folder, w);
  if (session.json)
    print_json({{"match", w.match}, {"possible", w.possible}, {"queries", w.queries}, {"pairs", w.pairs}});
  else
    print("match from " + format_number(w.match, 4) + " (95 % of such pairs share a label), possible from " +
          format_number(w.possible, 4) + " (50 %); " + std::to_string(w.pairs) + " pairs of " +
          std::to_string(w.queries) + " items\n");
  return 0;
}

CLI::App* verb(CLI::App& index, Session& session, const std::shared_ptr<Args>& args, const char* name, const char* help,
               const char* examples, int (*run)(Args&, const Session&)) {
  auto* v = add_verb(index, session, name, help, examples, [args, run, &session] { return run(*args, session); });
  v->add_option("index", args->folder, "index folder")->required();
  return v;
}

}  // namespace

void add_index_changes(CLI::App& index, Session& session) {
  const auto args = std::make_shared<Args>();
  auto* v = verb(index, session, args, "add", "puts embeddings into an index, at once and durably",
                 "  winnow index add shop.idx emb/new\n  winnow index add shop.idx emb/changed --update",
                 [](Args& a, const Session& s) { return add(a, s); });
  v->add_option("embeddings", args->inputs, "embeddings folder (repeatable)")->required();
  v->add_flag("--update", args->update, "replace items whose id is there already");
  v = verb(index, session, args, "rm", "takes items out of an index",
           "  winnow index rm shop.idx --id 17 --id 18\n  winnow index rm shop.idx --where \"season = '2019'\"",
           [](Args& a, const Session& s) { return rm(a, s); });
  v->add_option("--id", args->removal.ids, "id of an item (repeatable)");
  v->add_option("--where", args->removal.where, "SQL condition over item columns");
  v->add_flag("--missing-ok", args->removal.missing_ok, "pass over ids that are not there");
  v = verb(index, session, args, "compact", "a new generation without removed items and with those written since",
           "  winnow index compact shop.idx", compact);
  v->add_option("--type", args->compact.type, "keep, auto, flat, ivf, ivfpq, ivfsq8, hnsw or a FAISS factory string");
  v->add_option("--mem", args->memory, "memory budget for --type auto, e.g. 4G");
  v->add_option("--probe", args->compact.probe, "nprobe or efSearch; 0 = as it is")->check(CLI::Range(0, 1 << 20));
  v = add_verb(index, session, "merge", "the items of several indexes as one",
               "  winnow index merge part0.idx part1.idx --out shop.idx",
               [args, &session] { return merge(*args, session); });
  v->add_option("indexes", args->inputs, "index folders of one model")->required();
  v->add_option("--out", args->folder, "index folder to write")->required();
  v->add_option("--type", args->merge.build.type, "as in `index build`");
  v->add_option("--mem", args->memory, "memory budget for --type auto, e.g. 4G");
  v->add_option("--duplicates", args->merge.duplicates, "an id in several indexes: error, first or last")
      ->check(CLI::IsMember({"error", "first", "last"}));
  v = verb(index, session, args, "calibrate", "puts scores into words: from which cosine items share a label",
           "  winnow index calibrate shop.idx", calibrate);
  v->add_option("--sample", args->sample, "labelled items asked for their neighbours")->check(CLI::Range(1, 1000000));
  v = add_verb(index, session, "tune", "measures index types on your vectors and stores the choice for `index build`",
               "  winnow index tune emb --out shop.idx --target-recall 0.98 --mem 4G --html tune.html",
               [args, &session] { return tune(*args, session); });
  v->add_option("embeddings", args->inputs, "embeddings folder, or the slices of one (repeatable)")->required();
  v->add_option("--out", args->folder, "index folder that gets tuning.json")->required();
  v->add_option("--target-recall", args->tuning.target_recall, "recall@10 against exact search")
      ->check(CLI::Range(0.01, 1.0));
  v->add_option("--mem", args->memory, "memory budget of the searchable index, e.g. 4G");
  v->add_option("--queries", args->tuning.queries, "rows held out as queries")->check(CLI::Range(10, 1000000));
  v->add_option("--type", args->tuning.types, "candidates (repeatable; default: those that suit the size)");
  v->add_option("--html", args->html, "page with the recall, time and memory curves");
  v = verb(index, session, args, "migrate", "moves an index to another model: built beside, compared, swapped",
           "  winnow index migrate shop.idx emb/new-model --old-queries q/old --new-queries q/new", migrate);
  v->add_option("embeddings", args->inputs, "the same items embedded by the new model")->required()->expected(1);
  v->add_option("--old-queries", args->old_queries, "held-out queries embedded by the old model");
  v->add_option("--new-queries", args->new_queries, "the same queries embedded by the new model");
  v->add_option("--sample", args->migration.sample, "items drawn as queries when none are given");
  v->add_option("--max-loss", args->migration.max_loss, "recall@1 that may be lost before the swap is refused");
  v->add_flag("--force", args->force, "swap whatever the comparison says");
  v->add_option("--type", args->migration.build.type, "as in `index build`");
  v->add_option("--mem", args->memory, "memory budget for --type auto, e.g. 4G");
}

}  // namespace winnow::cli
