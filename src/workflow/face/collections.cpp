#include <algorithm>
#include <map>

#include "src/core/error.h"
#include "src/core/log.h"
#include "src/core/random.h"
#include "src/core/text.h"
#include "src/evaluation/face/all_pairs.h"
#include "src/workflow/face/steps.h"

namespace winnow {
namespace {

VectorRows rows_of(const std::vector<float>& values, const FaceFeatures& f) { return {values, f.rows, f.dim}; }

std::vector<double> targets(const std::vector<double>& given, std::vector<double> usual) {
  return given.empty() ? std::move(usual) : given;
}

/// Share of faces whose most similar other face is of the same person.
double nearest_neighbour(const VectorRows& vectors, std::span<const int64_t> labels) {
  struct Best {
    float score = -3;
    int64_t row = -1;
  };
  std::vector<Best> best(static_cast<size_t>(vectors.rows));
  for_each_score_row(vectors, vectors, false, [&](int, int64_t q, int64_t first, std::span<const float> scores) {
    auto& mine = best[static_cast<size_t>(q)];
    for (size_t i = 0; i < scores.size(); ++i)
      if (first + static_cast<int64_t>(i) != q && scores[i] > mine.score)
        mine = {scores[i], first + static_cast<int64_t>(i)};
  });
  int64_t right = 0, count = 0;
  for (size_t q = 0; q < best.size(); ++q) {
    if (labels[q] < 0 || best[q].row < 0) continue;
    ++count;
    right += labels[static_cast<size_t>(best[q].row)] == labels[q];
  }
  return count == 0 ? 0 : static_cast<double>(right) / static_cast<double>(count);
}

FaceRun open_collection(const FaceEvalOptions& options) {
  FaceRun run;
  adopt_set(run, faces_of_collection(options.source));
  run.facts.emplace_back("people", std::to_string(run.set.label_names.size()));
  return run;
}

}  // namespace

FaceRun run_all_pairs(const FaceEvalOptions& options) {
  FaceRun run = open_collection(options);
  const auto values = unit_rows(run.set.features);
  const VectorRows rows = rows_of(values, run.set.features);
  log_info("all pairs: {} needed beside the vectors", format_bytes(all_pairs_memory(run.set.labels, {})));
  AllPairs all = score_all_pairs(rows, run.set.labels, {});
  run.genuine_histogram = std::move(all.genuine_histogram);
  run.impostor_histogram = std::move(all.impostor_histogram);
  const auto fars = targets(options.fars, {1e-4, 1e-3, 1e-2, 1e-1});
  add_verification(run, std::move(all.scores), fars, options.bootstrap, options.seed);
  run.metrics["nearest_neighbour"] = nearest_neighbour(rows, run.set.labels);
  // Wrong at the EER threshold: the point at which both kinds of error weigh the same.
  const double t = run.metrics.at("eer.threshold");
  for (size_t i = 0; i < 30; ++i) {
    if (i < all.worst_genuine.size() && all.worst_genuine[i].score < t)
      run.wrong.push_back({all.worst_genuine[i].a, all.worst_genuine[i].b, true, all.worst_genuine[i].score});
    if (i < all.worst_impostor.size() && all.worst_impostor[i].score >= t)
      run.wrong.push_back({all.worst_impostor[i].a, all.worst_impostor[i].b, false, all.worst_impostor[i].score});
  }
  for (const auto& p : all.worst_genuine) run.candidates.push_back({p.a, p.b, true, p.score});
  for (const auto& p : all.worst_impostor) run.candidates.push_back({p.a, p.b, false, p.score});
  run.queries = run.gallery = run.set.features.rows;
  return run;
}

FaceRun run_identify(const FaceEvalOptions& options) {
  FaceRun run = open_collection(options);
  const auto values = unit_rows(run.set.features);
  const auto dim = static_cast<size_t>(run.set.features.dim);
  std::map<int64_t, std::vector<int64_t>> rows;
  for (size_t i = 0; i < run.set.labels.size(); ++i)
    if (run.set.labels[i] >= 0) rows[run.set.labels[i]].push_back(static_cast<int64_t>(i));
  std::vector<int64_t> people;
  for (const auto& [who, members] : rows) people.push_back(who);
  Random random(options.seed, "face-enrol");
  random.shuffle(people);
  const auto unknown = static_cast<size_t>(options.unknown * static_cast<double>(people.size()) + 0.5);
  std::vector<float> gallery, probes;
  std::vector<int64_t> gallery_subject, probe_subject, probe_row;
  for (size_t i = 0; i < people.size(); ++i)
    for (size_t k = 0; k < rows[people[i]].size(); ++k) {
      const int64_t row = rows[people[i]][k];
      const bool enrolled = i >= unknown && static_cast<int64_t>(k) < options.enrol;
      auto& side = enrolled ? gallery : probes;
      side.insert(side.end(), values.begin() + row * static_cast<int64_t>(dim),
                  values.begin() + (row + 1) * static_cast<int64_t>(dim));
      (enrolled ? gallery_subject : probe_subject).push_back(people[i]);
      if (!enrolled) probe_row.push_back(row);
    }
  auto search =
      search_gallery({probes, static_cast<int64_t>(probe_subject.size()), run.set.features.dim}, probe_subject,
                     {gallery, static_cast<int64_t>(gallery_subject.size()), run.set.features.dim}, gallery_subject);
  run.queries = static_cast<int64_t>(probe_subject.size());
  run.gallery = static_cast<int64_t>(gallery_subject.size());
  run.facts.emplace_back("enrolment", std::to_string(options.enrol) + " pictures of each of " +
                                          std::to_string(people.size() - unknown) + " people; " +
                                          std::to_string(unknown) + " people are strangers (seed " +
                                          std::to_string(options.seed) + ")");
  add_search(run, std::move(search), targets(options.fpirs, {1e-2, 1e-1, 3e-1}), options.rank);
  return run;
}

FaceRun run_cluster(const FaceEvalOptions& options) {
  FaceRun run = open_collection(options);
  const auto values = unit_rows(run.set.features);
  const VectorRows rows = rows_of(values, run.set.features);
  double threshold = options.threshold;
  if (threshold < -1) {
    const double far = options.fars.empty() ? 1e-4 : options.fars[0];
    const auto all = score_all_pairs(rows, run.set.labels, {});
    const auto point = tar_at_far(all.scores, far, FarRule::kStrict);
    if (!point)
      throw Error(ErrorCode::kData, "[cluster] a threshold at FAR " + target_text(far) +
                                        " needs more scores than are kept; give --threshold");
    threshold = *point->threshold;
    run.notes.push_back("the threshold was taken from the same faces (strict FAR " + target_text(far) +
                        "): an optimistic figure; give --threshold for one chosen elsewhere");
  }
  const auto clusters = threshold_clusters(rows, threshold);
  const auto scores = score_clustering(run.set.labels, clusters);
  run.metrics.insert({{"nmi", scores.nmi},
                      {"ami", scores.ami},
                      {"bcubed.precision", scores.bcubed_precision},
                      {"bcubed.recall", scores.bcubed_recall},
                      {"bcubed.f", scores.bcubed_f},
                      {"clusters", static_cast<double>(scores.clusters)},
                      {"identities", static_cast<double>(scores.identities)},
                      {"threshold", threshold}});
  run.facts.emplace_back("clustering", "connected components of pairs above cosine " + std::to_string(threshold));
  run.queries = run.gallery = run.set.features.rows;
  return run;
}

}  // namespace winnow
