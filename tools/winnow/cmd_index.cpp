#include "tools/winnow/cmd_index.h"

#include <memory>

#include "retrieval/index.h"
#include "src/core/error.h"
#include "src/core/log.h"
#include "src/core/tables.h"
#include "src/core/text.h"

namespace winnow::cli {
namespace {

struct Args {
  std::vector<std::string> embeddings;
  std::string folder, memory, slice;
  IndexBuildOptions build;
  int64_t sample = 1000;
};

nlohmann::ordered_json history_document(const IndexInfo& i) {
  auto all = nlohmann::ordered_json::array();
  for (const auto& e : i.history)
    all.push_back({{"generation", e.generation},
                   {"created", e.created},
                   {"what", e.what},
                   {"factory", e.factory},
                   {"vectors", e.count},
                   {"recall@10_vs_exact", e.recall_at_10}});
  return all;
}

}  // namespace

nlohmann::ordered_json info_document(const IndexInfo& i) {
  return {{"generation", i.generation},
          {"items", i.live},
          {"vectors", i.count},
          {"added", i.added},
          {"removed", i.removed},
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
          {"created", i.created},
          {"recall@10_vs_exact", i.recall_at_10},
          {"history", history_document(i)}};
}

std::string info_text(const IndexInfo& i) {
  std::string text = std::to_string(i.live) + " items; " + std::to_string(i.count) + " vectors of " +
                     std::to_string(i.dim) + " numbers, " + i.factory +
                     (i.probe > 0 ? " (probe " + std::to_string(i.probe) + ")" : "") + ", " +
                     format_bytes(i.index_bytes) + ", generation " + std::to_string(i.generation) + "\n";
  if (i.added + i.removed > 0)
    text += "since then " + std::to_string(i.added) + " written, " + std::to_string(i.removed) +
            " replaced or removed (`winnow index compact` folds them in)\n";
  if (!i.reason.empty()) text += "why: " + i.reason + "\n";
  text += "model " + i.model_digest.substr(0, 12) +
          (i.model_path.empty() ? " (place not recorded)" : " at " + i.model_path) + "\nFAISS " + i.faiss_version +
          ", winnow " + i.winnow_version + ", " + i.created + "\n";
  Table table({"generation", "when", "what", "type", "vectors", "recall@10"});
  for (const auto& e : i.history)
    table.add({std::to_string(e.generation), e.created, e.what, e.factory, std::to_string(e.count),
               e.recall_at_10 < 0 ? "" : format_number(e.recall_at_10, 4)});
  return text + (i.history.empty() ? "" : table.text());
}

void read_slice(const std::string& text, int64_t& slice, int64_t& slices) {
  if (text.empty()) return;
  const auto parts = split(text, '/');
  const auto at = parts.size() == 2 ? parse_int(parts[0]) : std::nullopt;
  const auto of = parts.size() == 2 ? parse_int(parts[1]) : std::nullopt;
  if (!at || !of || *of < 1 || *at < 0 || *at >= *of)
    throw Error(ErrorCode::kUsage, "--slice i/n with 0 <= i < n is required, got '" + text + "'");
  slice = *at;
  slices = *of;
}

std::vector<Embeddings> open_embeddings(const std::vector<std::string>& folders) {
  std::vector<Embeddings> all;
  for (const auto& folder : folders) all.push_back(Embeddings::open(folder));
  return all;
}

namespace {

int build(Args& args, const Session& session) {
  if (!args.memory.empty()) args.build.memory = parse_bytes(args.memory);
  init_search_threads();
  read_slice(args.slice, args.build.slice, args.build.slices);
  const auto embeddings = open_embeddings(args.embeddings);
  const IndexInfo info = build_index(std::span<const Embeddings>(embeddings), args.folder, args.build,
                                     [](const std::string& step) { log_info("index: {}", step); });
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
    print_json({{"ok", v.ok},
                {"problems", v.problems},
                {"recall@10_vs_exact", v.recall_at_10},
                {"recall@10_then", v.recall_then},
                {"sample", v.sample},
                {"checked_ids", v.checked_ids}});
  } else {
    for (const auto& problem : v.problems) print("problem: " + problem + "\n");
    if (v.ok)
      print("digests and counts agree; recall@10 against exact search " + format_number(v.recall_at_10, 4) + " on " +
            std::to_string(v.sample) + " items" +
            (v.recall_then < 0 ? "" : " (" + format_number(v.recall_then, 4) + " when it was built)") + "; " +
            std::to_string(v.checked_ids) + " searches returned live items only\n");
  }
  return v.ok ? 0 : exit_code(ErrorCode::kData);
}

}  // namespace

void add_index(CLI::App& app, Session& session) {
  CLI::App* index = app.add_subcommand("index", "build, look at and verify a search index");
  index->require_subcommand(1);
  add_index_changes(*index, session);
  auto args = std::make_shared<Args>();
  auto* verb = add_verb(*index, session, "build", "a new generation of an index from an embeddings folder",
                        "  winnow index build emb --out shop.idx\n  winnow index build emb --out shop.idx --type "
                        "hnsw\n  winnow index build emb --out shop.idx --type IVF1024,PQ16np --mem 2G",
                        [args, &session] { return build(*args, session); });
  verb->add_option("embeddings", args->embeddings, "embeddings folder, or the slices of one (repeatable)")->required();
  verb->add_option("--out", args->folder, "index folder")->required();
  verb->add_option("--type", args->build.type, "auto, flat, ivf, ivfpq, ivfsq8, hnsw or a FAISS factory string");
  verb->add_option("--mem", args->memory, "memory budget for --type auto, e.g. 4G");
  verb->add_option("--probe", args->build.probe, "lists (IVF) or candidates (HNSW) looked at per query; 0 = by size")
      ->check(CLI::Range(0, 1 << 20));
  verb->add_option("--seed", args->build.seed, "seed of the training sample");
  verb->add_option("--slice", args->slice, "only rows of part i of n (i/n, i from 0); `index merge` joins the parts");
  verb = add_verb(*index, session, "info", "what an index holds", "  winnow index info shop.idx",
                  [args, &session] { return info(*args, session); });
  verb->add_option("index", args->folder, "index folder")->required();
  verb = add_verb(*index, session, "verify", "digests of every file, counts, recall against exact search",
                  "  winnow index verify shop.idx --json", [args, &session] { return verify(*args, session); });
  verb->add_option("index", args->folder, "index folder")->required();
  verb->add_option("--sample", args->sample, "items used for the recall figure")->check(CLI::Range(1, 1000000));
}

}  // namespace winnow::cli
