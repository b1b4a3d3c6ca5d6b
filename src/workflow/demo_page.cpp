#include <algorithm>

#include "src/core/tables.h"
#include "src/image/codec.h"
#include "src/report/demo_report.h"
#include "src/workflow/demo_steps.h"
#include "src/workflow/pictures.h"
#include "src/workflow/run_records.h"

namespace winnow {
namespace {

constexpr int kThumbnail = 112;

SheetRow search_row(const DemoOutcome& outcome) {
  const auto& query = outcome.run.queries.items().at(0);
  const PictureFinder queries(outcome.run.queries.info().data), gallery(outcome.run.gallery.info().data);
  SheetRow row{outcome.side.name, {}};
  row.images.push_back({queries.thumbnail(query.path, kThumbnail), "query", query.label, "query picture"});
  for (const auto& hit : outcome.first.hits)
    row.images.push_back({gallery.thumbnail(hit.path, kThumbnail), hit.label == query.label ? "right" : "wrong",
                          format_number(hit.score, 2) + " " + hit.label, hit.path});
  return row;
}

// Training pictures with the label they were given and the right one.
std::vector<SheetRow> sample_rows(const DemoOptions& options) {
  DataSource source;
  source.data = (fs::path(options.out) / "catalogue" / "train.csv").string();
  const Dataset dataset = read_dataset(source);
  std::vector<SheetRow> rows(2);
  rows[0].title = "labels that are right";
  rows[1].title = "labels that are wrong";
  for (size_t i = 0; i < dataset.items.size(); i += 7) {
    const auto& item = dataset.items[i];
    const std::string given = dataset.label_names[static_cast<size_t>(item.label)];
    const auto truth =
        std::find_if(item.columns.begin(), item.columns.end(), [](const auto& c) { return c.first == "true_label"; });
    const bool right = truth == item.columns.end() || truth->second == given;
    auto& row = rows[right ? 0 : 1];
    if (row.images.size() >= 8) continue;
    const std::string caption = right ? given : given + " (is " + truth->second + ")";
    row.images.push_back({thumbnail_data_uri(decode_image(dataset.store->read(item.path), item.path), kThumbnail),
                          right ? "right" : "wrong", caption, item.path});
  }
  return rows;
}

// Queries whose first hit is right with one method and wrong with the other.
std::vector<SheetRow> changed_rows(const EvaluationRun& plain, const EvaluationRun& seccnn) {
  const PictureFinder queries(plain.queries.info().data), gallery(plain.gallery.info().data);
  std::vector<SheetRow> rows;
  for (size_t i = 0; i < plain.result.queries.size() && rows.size() < 8; ++i) {
    const auto &a = plain.result.queries[i], &b = seccnn.result.queries[i];
    if (a.top.empty() || b.top.empty() || (a.hit_at[0] > 0.5) == (b.hit_at[0] > 0.5)) continue;
    const auto& item = plain.queries.items()[static_cast<size_t>(a.query_row)];
    SheetRow row{item.label, {}};
    row.images.push_back({queries.thumbnail(item.path, kThumbnail), "query", item.label, item.path});
    for (const auto& [name, q] : {std::pair{"plain", &a}, std::pair{"seccnn", &b}}) {
      const auto& hit = plain.gallery.items()[static_cast<size_t>(q->top[0].gallery_row)];
      row.images.push_back({gallery.thumbnail(hit.path, kThumbnail), hit.label == item.label ? "right" : "wrong",
                            std::string(name) + ": " + hit.label, hit.path});
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

DemoMethod method(const DemoOutcome& outcome, std::string name, std::string summary) {
  return {std::move(name), std::move(summary), &outcome.run.result, read_epochs(outcome.side.run() / "metrics.jsonl"),
          search_row(outcome)};
}

}  // namespace

fs::path write_demo_page(const DemoOptions& options, const DemoOutcome& plain, const DemoOutcome& seccnn,
                         double seconds) {
  DemoReport report;
  report.task =
      "Products of generated classes were drawn by winnow, photographed with varying pose, light, blur, occlusion and "
      "clutter. " +
      format_number(100 * options.noise, 0) +
      " % of the training labels were replaced by the name of another class. "
      "The search is tried on classes that were never trained on. The SECCNN schedule and the weak augmentation were "
      "chosen on this "
      "catalogue, so the gain shows what trust decay does and is no benchmark (docs/results.md).";
  report.noise = options.noise;
  report.plain = method(plain, "plain normalised softmax", "trusts every given label to the end");
  report.robust = method(seccnn, "the same with SECCNN targets",
                         "trusts given labels less as training goes on and its own answers more");
  report.ks = RetrievalOptions{}.ks;
  report.samples = sample_rows(options);
  report.changed = changed_rows(plain.run, seccnn.run);
  report.seconds = seconds;
  report.next = {"winnow query " + seccnn.side.index().string() + " --image PICTURE",
                 "winnow init YOUR_PHOTOS --out recipe.yaml", "winnow train recipe.yaml --out run"};
  report.provenance = {{"winnow", WINNOW_VERSION},
                       {"seed", std::to_string(options.seed)},
                       {"epochs of either method", std::to_string(options.epochs)},
                       {"model (plain)", plain.run.queries.info().model_digest},
                       {"model (seccnn)", seccnn.run.queries.info().model_digest},
                       {"command", "winnow demo --out " + options.out}};
  const fs::path file = fs::path(options.out) / "report.html";
  write_demo_report(file, report);
  return absolute_path(file.string());
}

}  // namespace winnow
