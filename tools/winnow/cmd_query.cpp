#include <memory>
#include <nlohmann/json.hpp>

#include "src/tensor/device.h"
#include "src/workflow/query_text.h"
#include "tools/winnow/cli.h"

namespace winnow::cli {
namespace {

struct Args {
  std::string index, model, html;
  QueryInputs inputs;
  std::optional<float> range;
  SearchOptions options;
  RefineOptions refine;
};

int run(const Args& args, const Session& session) {
  init_search_threads();
  if (!args.inputs.images.empty()) init_torch_threads();
  QueryEngine engine(args.index, args.model);
  engine.refine(args.refine, args.range);
  const auto answers = engine.ask(args.inputs, args.options);
  if (!args.html.empty()) write_query_page(args.html, engine.index(), answers);
  if (session.json)
    print_json(query_json(answers));
  else
    print(query_text(answers));
  return 0;
}

}  // namespace

void add_query(CLI::App& app, Session& session) {
  auto args = std::make_shared<Args>();
  auto* verb = add_verb(
      app, session, "query", "search an index by picture, item or vector",
      "  winnow query shop.idx --image photo.jpg -k 5\n  winnow query shop.idx --item 17 --where \"split = 'train' AND "
      "label != 'misc'\"\n  winnow query shop.idx --image front.jpg --image side.jpg --combine --json",
      [args, &session] { return run(*args, session); });
  verb->add_option("index", args->index, "index folder")->required();
  verb->add_option("--image", args->inputs.images, "picture or folder of pictures (repeatable)");
  verb->add_option("--item", args->inputs.item, "id of an item in the index (it is left out of its own result)");
  verb->add_option("--vector", args->inputs.vector, ".npy file, float32 [D] or [Q, D]");
  verb->add_option("-k", args->options.k, "hits to return")->check(CLI::Range(1, 1000000));
  verb->add_option("--model", args->model, "model folder (default: the one the index was made with)");
  verb->add_option("--where", args->options.where,
                   "SQL condition over item columns (id, path, label and further ones)");
  verb->add_option("--min-score", args->options.min_score, "leave out hits below this cosine")
      ->check(CLI::Range(-1.0, 1.0));
  verb->add_option("--range", args->range, "every hit of at least this cosine, up to -k")->check(CLI::Range(-1.0, 1.0));
  verb->add_flag("--exact", args->options.exact, "look at every item, whatever the index type");
  verb->add_option("--expand", args->refine.expand, "alpha-QE: search again with this many best hits added")
      ->check(CLI::Range(0, 1000));
  verb->add_option("--alpha", args->refine.alpha, "of --expand: weight of a hit = score^alpha")
      ->check(CLI::Range(0.0, 10.0));
  verb->add_option("--rerank", args->refine.rerank, "k-reciprocal, diffusion or superglobal over the best hits")
      ->check(CLI::IsMember({"k-reciprocal", "diffusion", "superglobal"}));
  verb->add_option("--depth", args->refine.depth, "hits that --rerank, --collapse and --group-by look at")
      ->check(CLI::Range(1, 10000));
  verb->add_option("--collapse", args->refine.collapse, "hits this similar to a better one are shown as its duplicates")
      ->check(CLI::Range(0.0, 1.0));
  verb->add_option("--group-by", args->refine.group_by, "only the best hit of each value of an item column");
  verb->add_flag("--combine", args->inputs.combine,
                 "all pictures show one thing: search with the mean of their vectors");
  verb->add_option("--html", args->html, "write a page with the pictures");
}

}  // namespace winnow::cli
