#include "src/workflow/face/steps.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <unordered_map>

#include "src/core/error.h"
#include "src/core/tables.h"
#include "src/evaluation/face/people_bootstrap.h"

namespace winnow {

namespace {

std::vector<int64_t> histogram(const std::vector<double>& scores) {
  std::vector<int64_t> out(100);
  for (const double s : scores) ++out[static_cast<size_t>(std::clamp((s + 1) * 50, 0.0, 99.0))];
  return out;
}

}  // namespace

std::string target_text(double target) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%g", target);
  return buffer;
}

void add_verification(FaceRun& run, VerificationScores scores, const std::vector<double>& fars, int64_t bootstrap,
                      uint64_t seed) {
  run.metrics["auc"] = roc_auc(scores);
  const EqualError eer = equal_error(scores);
  run.metrics["eer"] = eer.rate;
  run.metrics["eer.threshold"] = eer.threshold;
  for (const double far : fars)
    for (const FarRule rule : kFarRules) {
      const auto point = tar_at_far(scores, far, rule);
      if (!point) {
        if (rule == FarRule::kStrict)
          run.notes.push_back("no figure at FAR " + target_text(far) + ": only the " +
                              std::to_string(scores.impostor.size()) + " highest of " +
                              std::to_string(scores.impostors) + " impostor scores were kept");
        continue;
      }
      run.points.push_back(*point);
      const std::string name = "tar@far=" + target_text(far);
      run.metrics[rule == FarRule::kStrict ? name : name + "." + far_rule_name(rule)] = point->tar;
      if (rule == FarRule::kStrict && point->threshold && std::isfinite(*point->threshold))
        run.metrics["threshold@far=" + target_text(far)] = *point->threshold;
    }
  if (run.genuine_histogram.empty() && scores.complete()) {
    run.genuine_histogram = histogram(scores.genuine);
    run.impostor_histogram = histogram(scores.impostor);
  }
  if (bootstrap > 0) {
    if (!scores.complete() || scores.genuine_person.empty()) {
      run.notes.push_back("no intervals over people for TAR@FAR: " +
                          std::string(scores.complete() ? "the people are not known" : "not every score was kept"));
    } else {
      const auto intervals = bootstrap_people(scores, fars, bootstrap, seed);
      for (size_t i = 0; i < fars.size(); ++i) {
        run.intervals["tar@far=" + target_text(fars[i])] = intervals.tar[i];
        run.intervals["threshold@far=" + target_text(fars[i])] = intervals.threshold[i];
        run.threshold_intervals[fars[i]] = intervals.threshold[i];
      }
      run.facts.emplace_back("intervals", "95 %, " + std::to_string(bootstrap) + " resamples of " +
                                              std::to_string(intervals.people) + " people, seed " +
                                              std::to_string(seed));
    }
  }
  run.scores = std::move(scores);
}

void add_search(FaceRun& run, OpenSetSearch search, const std::vector<double>& fpirs, int64_t rank,
                const std::string& suffix) {
  if (!search.mate_score.empty()) {
    run.cmc = cumulative_match(search, 100);
    for (const int64_t k : {1, 5, 10})
      run.metrics["rank@" + std::to_string(k) + suffix] = run.cmc[static_cast<size_t>(k - 1)];
    run.metrics["mrr" + suffix] = mean_reciprocal_rank(search);
    int64_t optimistic = 0;
    for (const int64_t r : search.optimistic) optimistic += r == 1;
    const double share = static_cast<double>(optimistic) / static_cast<double>(search.optimistic.size());
    if (share != run.cmc[0]) run.metrics["rank@1.optimistic" + suffix] = share;
  }
  if (search.mate_score.empty() || search.nonmated_top.empty()) {
    run.notes.push_back("no FPIR figures" + suffix + ": mated and non-mated probes are needed, there are " +
                        std::to_string(search.mate_score.size()) + " and " +
                        std::to_string(search.nonmated_top.size()));
  } else {
    for (const double fpir : fpirs)
      for (const FpirRule rule : kFpirRules) {
        const auto point = tpir_at_fpir(search, fpir, rank, rule);
        if (suffix.empty()) run.open_points.push_back(point);
        const std::string end =
            "@fpir=" + target_text(fpir) + (rule == FpirRule::kStrict ? "" : "." + fpir_rule_name(rule)) + suffix;
        run.metrics["tpir" + end] = point.tpir;
        run.metrics["fnir" + end] = 1 - point.tpir;
      }
  }
  run.search = std::move(search);
}

void add_failures(FaceRun& run) {
  if (run.set.failed.empty()) return;
  const double share = static_cast<double>(run.set.failed.size()) / static_cast<double>(run.set.names.size());
  run.notes.push_back(std::to_string(run.set.failed.size()) + " pictures gave no vector (" +
                      format_number(100 * share, 2) + " %): their pairs score -1" +
                      (share > 0.001 ? "; failed impostors and distractors flatter the score" : "") +
                      "; the first: " + run.set.failed.front());
}

void adopt_set(FaceRun& run, FaceSet set) {
  run.set = std::move(set);
  run.notes.insert(run.notes.end(), run.set.notes.begin(), run.set.notes.end());
  run.facts.insert(run.facts.end(), run.set.facts.begin(), run.set.facts.end());
  const double norm = mean_norm(run.set.features);
  run.metrics["mean_norm"] = norm;
  add_failures(run);
}

std::vector<float> unit_rows(const FaceFeatures& features) {
  const UnitVectors unit = unit_vectors(features, features.mirrored.empty() ? FlipMode::kNone : FlipMode::kSum);
  return {unit.values.begin(), unit.values.end()};
}

}  // namespace winnow
