#include <memory>

#include "src/core/error.h"
#include "src/core/text.h"
#include "src/workflow/index_text.h"
#include "tools/winnow/cmd_index.h"

namespace winnow::cli {
namespace {

struct Args {
  std::vector<std::string> inputs;
  std::string folder, memory, old_queries, new_queries;
  bool force = false;
  CompactOptions compact;
  IndexMergeOptions merge;
  MigrationOptions migration;
  uint64_t budget() const { return memory.empty() ? 0 : parse_bytes(memory); }
};

int compact(Args& args, const Session& session) {
  args.compact.memory = args.budget();
  init_search_threads();
  return print_index(LiveIndex::open(args.folder)->compact(args.compact, log_step), session);
}

int merge(Args& args, const Session& session) {
  args.merge.build.memory = args.budget();
  init_search_threads();
  return print_index(merge_indexes({args.inputs.begin(), args.inputs.end()}, args.folder, args.merge, log_step),
                     session);
}

int migrate(Args& args, const Session& session) {
  if (args.old_queries.empty() != args.new_queries.empty())
    throw Error(ErrorCode::kUsage, "--old-queries and --new-queries are required together");
  args.migration.build.memory = args.budget();
  if (args.force) args.migration.max_loss = 1;
  init_search_threads();
  std::vector<std::string> folders = args.inputs;
  if (!args.old_queries.empty()) folders.insert(folders.end(), {args.old_queries, args.new_queries});
  const auto e = open_embeddings(folders);
  const bool queries = e.size() == 3;
  const Migration m =
      migrate_index(args.folder, e[0], queries ? &e[1] : nullptr, queries ? &e[2] : nullptr, args.migration, log_step);
  if (session.json)
    print_json(migration_json(m));
  else
    print(migration_text(m));
  return m.swapped ? 0 : exit_code(ErrorCode::kGate);
}

}  // namespace

void add_index_generations(CLI::App& index, Session& session) {
  const auto args = std::make_shared<Args>();
  auto* v = add_verb(index, session, "compact", "a new generation without removed items and with those written since",
                     "  winnow index compact shop.idx", [args, &session] { return compact(*args, session); });
  v->add_option("index", args->folder, "index folder")->required();
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
  v = add_verb(index, session, "migrate", "moves an index to another model: built beside, compared, swapped",
               "  winnow index migrate shop.idx emb/new-model --old-queries q/old --new-queries q/new",
               [args, &session] { return migrate(*args, session); });
  v->add_option("index", args->folder, "index folder")->required();
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
