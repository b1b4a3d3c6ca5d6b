#include "tests/integration/screenshot/sample_reports.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "src/core/random.h"
#include "src/image/codec.h"
#include "src/report/demo_report.h"
#include "src/report/eval_report.h"
#include "src/report/train_report.h"
#include "tests/integration/screenshot/sample_face.h"
#include "tests/integration/screenshot/sample_pictures.h"

namespace winnow::test {
namespace {

constexpr int64_t kClasses = 36, kDim = 32;
const std::vector<int64_t> kKs = {1, 5, 10};

/// Queries or gallery: unit vectors round class centres, neighbouring classes being close.
struct Set {
  std::vector<float> vectors;
  std::vector<int64_t> labels, ids;
  VectorSet view() const { return {vectors, static_cast<int64_t>(labels.size()), kDim, labels, ids}; }
};

Set make_set(const char* purpose, int64_t rows, double spread) {
  Set out;
  for (int64_t i = 0; i < rows; ++i) {
    Random random(5, purpose, static_cast<uint64_t>(i));
    const auto label = static_cast<int64_t>(random.below(kClasses));
    Random pair(5, "pair", static_cast<uint64_t>(label / 2)), own(5, "own", static_cast<uint64_t>(label));
    std::vector<double> v(kDim);
    double norm = 0;
    for (auto& x : v) {
      x = pair.normal() + 0.5 * own.normal() + spread * random.normal();
      norm += x * x;
    }
    for (const double x : v) out.vectors.push_back(static_cast<float>(x / std::sqrt(norm)));
    out.labels.push_back(i == 0 ? kClasses : label);  // one picture of a class that is nowhere else
    out.ids.push_back(i);
  }
  return out;
}

std::vector<std::string> label_names() {
  std::vector<std::string> out;
  for (int64_t c = 0; c <= kClasses; ++c) {
    const char* kinds[] = {"Apfelsaft tr\u00fcb", "Oat milk <barista>", "Tomato"};
    out.push_back(std::string(kinds[c % 3]) + " " + std::to_string(c));
  }
  out[4] = "A very long class name that somebody wrote in one go without thinking of tables";
  return out;
}

std::string path_of(int64_t row) {
  if (row % 17 == 3) return "shop/caf\xe9/IMG_" + std::to_string(row) + ".jpg";  // Latin-1 on disk
  if (row % 11 == 5)
    return "2024-06-01_export/with_a_rather_deep_folder/and_a_file_name_without_any_break_" + std::to_string(row) +
           ".jpg";
  return "shop/IMG_" + std::to_string(row) + ".jpg";
}

std::string thumbnail(int64_t label, int64_t row) {
  return row % 23 == 7 ? "" : thumbnail_data_uri(draw_product(label, row), 112);
}

std::vector<TrainEpoch> epochs(double reach, double forgets) {
  std::vector<TrainEpoch> out;
  for (int64_t e = 1; e <= 12; ++e) {
    const auto t = static_cast<double>(e);
    TrainEpoch epoch;
    epoch.epoch = e;
    epoch.loss = 0.8 + 4.2 * std::exp(-t / 4);
    epoch.learning_rate = 1e-3 * 0.5 * (1 + std::cos(3.14159 * t / 12));
    epoch.images_per_second = 126 + 3 * std::sin(t);
    epoch.wait_share = 0.012 + 0.004 * std::cos(t);
    epoch.seconds = 21;
    epoch.mean_pair_distance = 0.6 + 0.3 * (1 - std::exp(-t / 3));
    epoch.embedding_rank = 60 - 35 * std::exp(-t / 5);
    epoch.log = {{"memorised", 0.5 * forgets * t / 12}, {"trust", 0.9 - 0.02 * t}};
    if (e % 2 == 0 || e == 1) {
      const double map = reach * (1 - std::exp(-t / 4)) - forgets * 0.01 * std::max(0.0, t - 6);
      epoch.validation = {
          {"map@r", map}, {"recall@1", std::min(1.0, map * 1.9)}, {"recall@10", std::min(1.0, map * 2.8)}};
    }
    out.push_back(epoch);
  }
  return out;
}

fs::path train_sample(const fs::path& folder) {
  TrainReport report;
  report.name = "grocery-arcface";
  report.planned_epochs = 12;
  report.epochs = epochs(0.30, 1.6);
  report.epochs[4].embedding_rank = std::numeric_limits<double>::quiet_NaN();
  report.config =
      "name: grocery-arcface\nloss:\n  name: arcface   # recipe.yaml:4\n  margin: 0.3\ntraining:\n  epochs: 12\n";
  report.next = {"winnow embed DATA --model RUN/model --out EMB", "winnow index build EMB --out IDX"};
  report.provenance = {{"command", "winnow train configs/recipes/grocery.yaml --out runs/grocery"},
                       {"machine", "2 threads, AVX-512, fp32"},
                       {"manifest sha256", std::string(64, 'a')}};
  write_train_report(folder / "train.html", report);
  return folder / "train.html";
}

EvalReport eval_of(const RetrievalResult& result, const Set& queries, const Set& gallery,
                   const std::vector<std::string>& names) {
  EvalReport report;
  report.title = "Sample shop: phone pictures against the catalogue";
  report.result = &result;
  report.ks = kKs;
  report.queries = {queries.labels, path_of, [&queries](int64_t row) { return thumbnail(queries.labels[row], row); }};
  report.gallery = {gallery.labels, path_of, [&gallery](int64_t row) { return thumbnail(gallery.labels[row], row); }};
  report.label_names = names;
  report.baseline = {{"recall@1", 0.55}, {"map@r", 0.3}};
  report.baseline_name = "last week";
  report.next = {"winnow eval retrieval --queries EMB --require 'recall@1>=0.6'"};
  report.provenance = {{"model", "sha256 " + std::string(64, 'b')},
                       {"command", "winnow eval retrieval --queries Q --gallery G"}};
  return report;
}

SheetRow search_row(const RetrievalResult& result, const Set& queries, const Set& gallery, const std::string& title) {
  const auto& q = result.queries[5];
  SheetRow row{title, {{thumbnail(queries.labels[q.query_row], 1), "query", "new picture", "the query"}}};
  for (size_t i = 0; i < 6; ++i) {
    const auto hit = q.top[i].gallery_row;
    const bool right = gallery.labels[hit] == queries.labels[q.query_row];
    row.images.push_back({thumbnail(gallery.labels[hit], hit + 1), right ? "right" : "wrong",
                          "class " + std::to_string(gallery.labels[hit]), "hit"});
  }
  return row;
}

std::vector<SheetRow> noisy_samples() {
  SheetRow row{"Given label, and the true one where they differ", {}};
  for (int64_t i = 0; i < 12; ++i) {
    const bool wrong = i % 5 < 2;
    row.images.push_back(
        {thumbnail(i, i * 2), wrong ? "wrong" : "plain",
         wrong ? "given class " + std::to_string(i + 3) + ", true " + std::to_string(i) : "class " + std::to_string(i),
         "training picture"});
  }
  return {row};
}

}  // namespace

std::vector<fs::path> write_sample_reports(const fs::path& folder) {
  const auto names = label_names();
  const Set gallery = make_set("gallery", 900, 1.0), queries = make_set("query", 300, 1.0);
  const Set gallery_worse = make_set("gallery", 900, 1.4), queries_worse = make_set("query", 300, 1.4);
  const RetrievalOptions options{.ks = kKs, .keep_hits = 10, .bootstrap = 300};
  const auto good = evaluate_retrieval(queries.view(), gallery.view(), options);
  const auto worse = evaluate_retrieval(queries_worse.view(), gallery_worse.view(), options);
  write_eval_report(folder / "eval.html", eval_of(good, queries, gallery, names));

  DemoReport demo;
  demo.task =
      "160 drawn products were photographed with changing pose, light and clutter; 40 % of the labels were then "
      "replaced at random.";
  demo.noise = 0.4;
  demo.ks = kKs;
  demo.plain = {"plain normalised softmax", "believes every label", &worse, epochs(0.2, 1.6),
                search_row(worse, queries, gallery, "plain normalised softmax")};
  demo.robust = {"normalised softmax + SECCNN", "weighs each label by how much the network agrees", &good,
                 epochs(0.3, 0.2), search_row(good, queries, gallery, "normalised softmax + SECCNN")};
  demo.samples = noisy_samples();
  demo.changed = {search_row(worse, queries, gallery, "plain"), search_row(good, queries, gallery, "SECCNN")};
  demo.next = {"winnow data check my-photos", "winnow train recipe.yaml data.train=my-photos --out runs/mine"};
  demo.provenance = {{"seed", "7"}, {"machine", "2 threads"}};
  demo.seconds = 214;
  write_demo_report(folder / "demo.html", demo);
  return {train_sample(folder), folder / "eval.html", folder / "demo.html", write_face_sample(folder)};
}

}  // namespace winnow::test
