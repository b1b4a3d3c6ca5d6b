#include <memory>

#include "retrieval/index.h"
#include "src/core/error.h"
#include "src/core/log.h"
#include "src/core/tables.h"
#include "src/core/text.h"
#include "tools/winnow/cli.h"

namespace winnow::cli {
namespace {

struct Args {
  std::string embeddings, folder, memory;
  IndexBuildOptions build;
  int64_t sample = 1000;
};

nlohmann::ordered_json info_document(const IndexInfo& i) {
  return {{"generation", i.generation},
          {"vectors", i.count},
          {"dim", i.dim},
          {"type", i.type},
          {"factory", i.factory},
          {"probe", i.probe},
          {"reason", i.reason},
          {"metric", i.metric},
          {"index_bytes", i.index_bytes},
          {"build_seconds", i.build_seconds},
          {"model_digest", i.model_digest},
          {"preprocessing_digest", i.preprocessing_digest},
          {"model", i.model_path},
          {"faiss", i.faiss_version},
          {"winnow", i.winnow_version},
          {"created", i.created}};
}

std::string info_text(const IndexInfo& i) {
  return std::to_string(i.count) + " vectors of " + std::to_string(i.dim) + " numbers, " + i.factory +
         (i.probe > 0 ? " (probe " + std::to_string(i.probe) + ")" : "") + ", " + format_bytes(i.index_bytes) +
         ", generation " + std::to_string(i.generation) + "\n" + (i.reason.empty() ? "" : "why: " + i.reason + "\n") +
         "model " + i.model_digest.substr(0, 12) + (i.model_path.empty() ? " (place not recorded)" : " at " + i.model_path) + "\nFAISS " + i.faiss_version + ", winnow " +
         i.winnow_version + ", " + i.created + "\n";
}

int build(Args& args, const Session& session) {
  if (!args.memory.empty()) args.build.memory = parse_bytes(args.memory);
  init_search_threads();
  const Embeddings embeddings = Embeddings::open(args.embeddings);
  const IndexInfo info =
      build_index(embeddings, args.folder, args.build, [](const std::string& step) { log_info("index: {}", step); });
  if (session.json)
    print_json(info_document(info));
  else
    print(info_text(info) + "next: winnow query " + args.folder + " --image PICTURE\n");
  return 0;
}

int info(const Args& args, const Session& session) {
  const IndexInfo i = read_index_info(args.folder);
  if (session.json)
    print_json(info_document(i));
  else
    print(info_text(i));
  return 0;
}

int verify(const Args& args, const Session& session) {
  init_search_threads();
  const IndexVerification v = verify_index(args.folder, args.sample, 1);
  if (session.json) {
    print_json({{"ok", v.ok}, {"problems", v.problems}, {"recall@10_vs_exact", v.recall_at_10}, {"sample", v.sample}});
  } else {
    for (const auto& problem : v.problems) print("problem: " + problem + "\n");
    if (v.ok)
      print("digests and counts agree; recall@10 against exact search " + format_number(v.recall_at_10, 4) + " on " +
            std::to_string(v.sample) + " items\n");
  }
  return v.ok ? 0 : exit_code(ErrorCode::kData);
}

}  // namespace

void add_index(CLI::App& app, Session& session) {
  CLI::App* index = app.add_subcommand("index", "build, look at and verify a search index");
  index->require_subcommand(1);
  auto args = std::make_shared<Args>();
  auto* verb = add_verb(*index, session, "build", "a new generation of an index from an embeddings folder",
                        "  winnow index build emb --out shop.idx\n  winnow index build emb --out shop.idx --type "
                        "hnsw\n  winnow index build emb --out shop.idx --type IVF1024,PQ16np --mem 2G",
                        [args, &session] { return build(*args, session); });
  verb->add_option("embeddings", args->embeddings, "embeddings folder")->required();
  verb->add_option("--out", args->folder, "index folder")->required();
  verb->add_option("--type", args->build.type, "auto, flat, ivf, ivfpq, ivfsq8, hnsw or a FAISS factory string");
  verb->add_option("--mem", args->memory, "memory budget for --type auto, e.g. 4G");
  verb->add_option("--probe", args->build.probe, "lists (IVF) or candidates (HNSW) looked at per query; 0 = by size")
      ->check(CLI::Range(0, 1 << 20));
  verb->add_option("--seed", args->build.seed, "seed of the training sample");
  verb = add_verb(*index, session, "info", "what an index holds", "  winnow index info shop.idx",
                  [args, &session] { return info(*args, session); });
  verb->add_option("index", args->folder, "index folder")->required();
  verb = add_verb(*index, session, "verify", "digests of every file, counts, recall against exact search",
                  "  winnow index verify shop.idx --json", [args, &session] { return verify(*args, session); });
  verb->add_option("index", args->folder, "index folder")->required();
  verb->add_option("--sample", args->sample, "items used for the recall figure")->check(CLI::Range(1, 1000000));
}

}  // namespace winnow::cli
