#include "tools/winnow/cmd_index.h"

#include <memory>
#include <tuple>

#include "src/core/error.h"
#include "src/core/log.h"
#include "src/core/text.h"
#include "src/workflow/index_text.h"
#include "tools/winnow/slice.h"

namespace winnow::cli {
namespace {

struct Args {
  std::vector<std::string> embeddings;
  std::string folder, memory, slice;
  IndexBuildOptions build;
};

int build(Args& args, const Session& session) {
  if (!args.memory.empty()) args.build.memory = parse_bytes(args.memory);
  if (!args.slice.empty()) std::tie(args.build.slice, args.build.slices) = parse_slice(args.slice);
  init_search_threads();
  const auto slices = open_embeddings(args.embeddings);
  print_index(build_index(std::span<const Embeddings>(slices), args.folder, args.build, log_step), session);
  if (!session.json) print("next: winnow query " + args.folder + " --image PICTURE\n");
  return 0;
}

}  // namespace

std::vector<Embeddings> open_embeddings(const std::vector<std::string>& folders) {
  std::vector<Embeddings> all;
  for (const auto& folder : folders) all.push_back(Embeddings::open(folder));
  return all;
}

void log_step(const std::string& step) { log_info("index: {}", step); }

int print_index(const IndexInfo& info, const Session& session) {
  if (session.json)
    print_json(index_info_json(info));
  else
    print(index_info_text(info));
  return 0;
}

void add_index(CLI::App& app, Session& session) {
  CLI::App* index = app.add_subcommand("index", "build, look at, change, measure and verify a search index");
  index->require_subcommand(1);
  auto args = std::make_shared<Args>();
  auto* verb = add_verb(*index, session, "build", "a new generation of an index from embeddings",
                        "  winnow index build emb --out shop.idx\n  winnow index build emb --out shop.idx --type "
                        "hnsw\n  winnow index build emb --out shop.idx --type IVF1024,PQ16np --mem 2G",
                        [args, &session] { return build(*args, session); });
  verb->add_option("embeddings", args->embeddings, "embeddings folder, or the slices of one (repeatable)")->required();
  verb->add_option("--out", args->folder, "index folder")->required();
  verb->add_option("--type", args->build.type,
                   "auto, flat, ivf, ivfpq, ivfsq8, hnsw, binary (hash codes) or a FAISS factory string");
  verb->add_option("--mem", args->memory, "memory budget for --type auto, e.g. 4G");
  verb->add_option("--probe", args->build.probe, "lists (IVF) or candidates (HNSW) looked at per query; 0 = by size")
      ->check(CLI::Range(0, 1 << 20));
  verb->add_option("--seed", args->build.seed, "seed of the training sample");
  verb->add_option("--dba", args->build.augment, "DBA: to each vector its so many nearest are added (weight score^3)")
      ->check(CLI::Range(0, 1000));
  verb->add_option("--slice", args->slice, "only rows of part i of n (i/n, i from 0); `index merge` joins the parts");
  verb = add_verb(*index, session, "info", "what an index holds, and its history", "  winnow index info shop.idx",
                  [args, &session] { return print_index(read_index_info(args->folder), session); });
  verb->add_option("index", args->folder, "index folder")->required();
  add_index_writes(*index, session);
  add_index_generations(*index, session);
  add_index_measures(*index, session);
}

}  // namespace winnow::cli
