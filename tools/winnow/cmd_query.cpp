#include <memory>
#include <optional>
#include <span>

#include "src/core/error.h"
#include "src/core/log.h"
#include "src/core/tables.h"
#include "src/core/text.h"
#include "src/image/codec.h"
#include "src/report/html.h"
#include "src/tensor/device.h"
#include "src/workflow/pictures.h"
#include "src/workflow/query_engine.h"
#include "tools/winnow/cli.h"

namespace winnow::cli {
namespace {

struct Args {
  std::string index, model, vector, html;
  std::vector<std::string> images;
  std::optional<int64_t> item;
  bool combine = false;
  std::optional<float> range;
  SearchOptions options;
  RefineOptions refine;
};

std::vector<QueryAnswer> answers(QueryEngine& engine, const Args& args) {
  if (args.images.empty() + !args.item + args.vector.empty() != 2)
    throw Error(ErrorCode::kUsage, "exactly one of --image, --item and --vector is required");
  if (args.item) return {engine.by_item(*args.item, args.options)};
  if (!args.vector.empty()) return engine.by_vectors(args.vector, args.options);
  std::vector<fs::path> files;
  for (const auto& image : args.images)
    for (const auto& file : picture_files(image)) files.push_back(file);
  if (args.combine) return {engine.by_images(files, args.options)};
  std::vector<QueryAnswer> out;
  for (const auto& file : files) out.push_back(engine.by_image(file, args.options));
  return out;
}

nlohmann::ordered_json document(const std::vector<QueryAnswer>& all) {
  nlohmann::ordered_json j = {{"queries", nlohmann::json::array()}};
  for (const auto& a : all) {
    nlohmann::ordered_json q = {{"source", to_valid_utf8(a.source)}, {"hits", nlohmann::json::array()}};
    if (!a.plan.empty()) q["plan"] = a.plan;
    if (!a.verdict.empty()) q["verdict"] = a.verdict;
    for (const auto& h : a.hits) {
      q["hits"].push_back({{"rank", h.rank},
                           {"id", h.id},
                           {"score", h.score},
                           {"path", to_valid_utf8(h.path)},
                           {"label", to_valid_utf8(h.label)}});
      if (!h.word.empty()) q["hits"].back()["word"] = h.word;
      if (!h.duplicates.empty()) q["hits"].back()["duplicates"] = h.duplicates;
    }
    j["queries"].push_back(q);
  }
  return j;
}

void print_answers(const std::vector<QueryAnswer>& all) {
  for (const auto& a : all) {
    Table table({"rank", "score", "", "id", "label", "path"});
    for (const auto& h : a.hits)
      table.add({std::to_string(h.rank), format_number(h.score, 4),
                 h.word + (h.duplicates.empty() ? "" : " +" + std::to_string(h.duplicates.size()) + " the same"),
                 std::to_string(h.id), h.label, h.path});
    print(a.source + (a.verdict.empty() ? "" : "   " + a.verdict) + (a.plan.empty() ? "" : "   [" + a.plan + "]") +
          "\n" + (a.hits.empty() ? "no hit\n" : table.text()));
  }
}

void write_html(const std::string& file, const QueryEngine& engine, const std::vector<QueryAnswer>& all) {
  const PictureFinder pictures(engine.index().info().data);
  std::vector<SheetRow> rows;
  for (const auto& a : all) {
    SheetRow row{a.source, {}};
    std::error_code ignored;
    if (fs::exists(a.source, ignored)) {
      const std::string bytes = read_file(a.source);
      const Image picture = decode_image(std::as_bytes(std::span(bytes)), a.source);
      row.images.push_back({thumbnail_data_uri(picture, 160), "query", "query", "query picture"});
    }
    for (const auto& h : a.hits)
      row.images.push_back(
          {pictures.thumbnail(h.path, 160), "plain", format_number(h.score, 3) + "  " + h.label, h.path});
    rows.push_back(std::move(row));
  }
  HtmlPage page("winnow query");
  page.lead({std::to_string(all.size()) + " queries against " + std::to_string(engine.index().size()) +
             " items; scores are cosines, higher is better."});
  page.raw(contact_sheet(rows));
  page.write(file);
}

int run(const Args& args, const Session& session) {
  init_search_threads();
  if (!args.images.empty()) init_torch_threads();
  QueryEngine engine(args.index, args.model);
  engine.refine(args.refine, args.range);
  const auto all = answers(engine, args);
  if (!args.html.empty()) write_html(args.html, engine, all);
  if (session.json)
    print_json(document(all));
  else
    print_answers(all);
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
  verb->add_option("--image", args->images, "picture or folder of pictures (repeatable)");
  verb->add_option("--item", args->item, "id of an item in the index (it is left out of its own result)");
  verb->add_option("--vector", args->vector, ".npy file, float32 [D] or [Q, D]");
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
  verb->add_flag("--combine", args->combine, "all pictures show one thing: search with the mean of their vectors");
  verb->add_option("--html", args->html, "write a page with the pictures");
}

}  // namespace winnow::cli
