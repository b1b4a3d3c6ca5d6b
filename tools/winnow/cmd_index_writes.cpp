#include <memory>

#include "retrieval/index_edit.h"
#include "src/core/error.h"
#include "tools/winnow/cmd_index.h"

namespace winnow::cli {
namespace {

struct Args {
  std::vector<std::string> embeddings;
  std::string folder;
  bool update = false;
  RemovalOptions removal;
};

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
  const auto slices = open_embeddings(args.embeddings);
  return print_written(args.folder, add_to_index(args.folder, slices, args.update), session);
}

int rm(const Args& args, const Session& session) {
  if (args.removal.ids.empty() && args.removal.where.empty())
    throw Error(ErrorCode::kUsage, "--id or --where is required");
  return print_written(args.folder, remove_from_index(args.folder, args.removal), session);
}

}  // namespace

void add_index_writes(CLI::App& index, Session& session) {
  const auto args = std::make_shared<Args>();
  auto* verb = add_verb(index, session, "add", "puts embeddings into an index, at once and durably",
                        "  winnow index add shop.idx emb/new\n  winnow index add shop.idx emb/changed --update",
                        [args, &session] { return add(*args, session); });
  verb->add_option("index", args->folder, "index folder")->required();
  verb->add_option("embeddings", args->embeddings, "embeddings folder (repeatable)")->required();
  verb->add_flag("--update", args->update, "replace items whose id is there already");
  verb = add_verb(index, session, "rm", "takes items out of an index, at once and durably",
                  "  winnow index rm shop.idx --id 17 --id 18\n  winnow index rm shop.idx --where \"season = '2019'\"",
                  [args, &session] { return rm(*args, session); });
  verb->add_option("index", args->folder, "index folder")->required();
  verb->add_option("--id", args->removal.ids, "id of an item (repeatable)");
  verb->add_option("--where", args->removal.where, "SQL condition over item columns");
  verb->add_flag("--missing-ok", args->removal.missing_ok, "pass over ids that are not there");
}

}  // namespace winnow::cli
