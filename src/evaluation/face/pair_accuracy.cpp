#include "src/evaluation/face/pair_accuracy.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "src/core/error.h"

namespace winnow {
namespace {

struct Labelled {
  std::vector<double> same, different;  ///< ascending
};

/// The chosen threshold of one fold from the scores of the other folds (higher = more alike).
using Chooser = double (*)(const Labelled&);

int64_t above(const std::vector<double>& sorted, double t) {
  return sorted.end() - std::upper_bound(sorted.begin(), sorted.end(), t);
}
int64_t below(const std::vector<double>& sorted, double t) {
  return std::lower_bound(sorted.begin(), sorted.end(), t) - sorted.begin();
}

/// Scores are -d2, thresholds -t: same if d2 < t.
double choose_insightface(const Labelled& train) {
  double best = 0;
  int64_t most = -1;
  for (int i = 0; i < 400; ++i) {
    const double t = i * 0.01;
    const int64_t right =
        above(train.same, -t) + static_cast<int64_t>(train.different.size()) - above(train.different, -t);
    if (right > most) {
      most = right;
      best = -t;
    }
  }
  return best;
}

double choose_facexzoo(const Labelled& train) {
  const double low = std::min(train.same.front(), train.different.front());
  const double high = std::max(train.same.back(), train.different.back());
  const double step = (high - low) / 1000;
  double best = low + step, most = -2;
  for (int i = 1; i <= 1000; ++i) {
    const double t = low + step * i;
    const double value = static_cast<double>(above(train.same, t)) / static_cast<double>(train.same.size()) -
                         static_cast<double>(above(train.different, t)) / static_cast<double>(train.different.size());
    if (value > most) {
      most = value;
      best = t;
    }
  }
  return best;
}

double choose_sphereface(const Labelled& train) {
  double sum = 0;
  int64_t most = -1, count = 0;
  for (int i = -10000; i <= 10000; ++i) {
    const double t = i / 10000.0;
    const int64_t right = above(train.same, t) + below(train.different, t);
    if (right > most) {
      most = right;
      sum = 0;
      count = 0;
    }
    if (right == most) {
      sum += t;
      ++count;
    }
  }
  return sum / static_cast<double>(count);
}

int check_folds(std::span<const FacePair> pairs) {
  int folds = 0;
  for (const auto& p : pairs) folds = std::max(folds, p.fold + 1);
  if (folds < 2) throw Error(ErrorCode::kData, "[face] at least 2 folds are required, got " + std::to_string(folds));
  std::vector<int64_t> same(static_cast<size_t>(folds)), all(static_cast<size_t>(folds));
  for (const auto& p : pairs) {
    if (p.fold < 0) throw Error(ErrorCode::kShape, "[face] folds must be >= 0");
    ++all[static_cast<size_t>(p.fold)];
    same[static_cast<size_t>(p.fold)] += p.same;
  }
  for (size_t f = 0; f < all.size(); ++f)
    if (same[f] == 0 || same[f] == all[f])
      throw Error(ErrorCode::kData, "[face] each fold needs same and different pairs; fold " + std::to_string(f) +
                                        " has " + std::to_string(same[f]) + " same of " + std::to_string(all[f]) +
                                        " (a list sorted by label must not be cut into contiguous tenths)");
  return folds;
}

Labelled training_scores(std::span<const double> scores, std::span<const FacePair> pairs, int held_out) {
  Labelled out;
  for (size_t i = 0; i < pairs.size(); ++i)
    if (pairs[i].fold != held_out) (pairs[i].same ? out.same : out.different).push_back(scores[i]);
  std::sort(out.same.begin(), out.same.end());
  std::sort(out.different.begin(), out.different.end());
  return out;
}

/// -d2 of unit vectors, by differences as the rule does it; -4 where a side failed.
std::vector<double> negative_distances(const UnitVectors& vectors, std::span<const FacePair> pairs) {
  std::vector<double> out;
  for (const auto& p : pairs) {
    double sum = 0;
    const auto a = vectors.row(p.a), b = vectors.row(p.b);
    for (size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
    const bool failed = vectors.failed[static_cast<size_t>(p.a)] || vectors.failed[static_cast<size_t>(p.b)];
    out.push_back(failed ? -4.0 : -sum);
  }
  return out;
}

/// R-SPH: features minus the mean over the images of the training folds' pairs, normalised.
UnitVectors centred(const std::vector<double>& joined, int64_t dim, int64_t rows, std::span<const FacePair> pairs,
                    int held_out) {
  std::vector<double> mean(static_cast<size_t>(dim), 0.0);
  int64_t count = 0;
  for (const auto& p : pairs) {
    if (p.fold == held_out) continue;
    for (const int64_t row : {p.a, p.b}) {
      for (int64_t i = 0; i < dim; ++i) mean[static_cast<size_t>(i)] += joined[static_cast<size_t>(row * dim + i)];
      ++count;
    }
  }
  UnitVectors out;
  out.rows = rows;
  out.dim = dim;
  out.values = joined;
  out.failed.assign(static_cast<size_t>(rows), 0);
  for (int64_t r = 0; r < rows; ++r) {
    const std::span<double> row(out.values.data() + r * dim, static_cast<size_t>(dim));
    const bool zero = std::all_of(row.begin(), row.end(), [](double v) { return v == 0; });
    for (size_t i = 0; i < row.size(); ++i) row[i] -= mean[i] / static_cast<double>(count);
    if (zero || !normalise(row)) out.failed[static_cast<size_t>(r)] = 1;
  }
  return out;
}

void finish(PairAccuracy& out) {
  const auto n = static_cast<double>(out.accuracy.size());
  double squares = 0;
  for (const double a : out.accuracy) out.mean += a / n;
  for (const double a : out.accuracy) squares += (a - out.mean) * (a - out.mean);
  out.std_population = std::sqrt(squares / n);
  out.standard_error = std::sqrt(squares / (n - 1)) / std::sqrt(n);
}

FlipMode flip_of(AccuracyRule rule, const FaceFeatures& features, const AccuracyOptions& options) {
  if (!options.flip || features.mirrored.empty() || rule == AccuracyRule::kFaceXZoo) return FlipMode::kNone;
  return rule == AccuracyRule::kInsightFace ? FlipMode::kSum : FlipMode::kConcat;
}

/// @param scores_for  scores of all pairs when this fold is held out
PairAccuracy judge(std::span<const FacePair> pairs, AccuracyRule rule,
                   const std::function<const std::vector<double>&(int fold)>& scores_for) {
  const int folds = check_folds(pairs);
  const Chooser choose = rule == AccuracyRule::kInsightFace ? choose_insightface
                         : rule == AccuracyRule::kFaceXZoo  ? choose_facexzoo
                                                            : choose_sphereface;
  PairAccuracy out;
  out.rule = rule;
  out.correct.assign(pairs.size(), 0);
  out.margin.assign(pairs.size(), 0);
  for (int fold = 0; fold < folds; ++fold) {
    const std::vector<double>& scores = scores_for(fold);
    const double t = choose(training_scores(scores, pairs, fold));
    int64_t right = 0, count = 0;
    for (size_t i = 0; i < pairs.size(); ++i) {
      if (pairs[i].fold != fold) continue;
      const bool strict = rule != AccuracyRule::kInsightFace;  // R-IF: what is not same is different
      const bool ok = pairs[i].same ? scores[i] > t : (strict ? scores[i] < t : scores[i] <= t);
      out.correct[i] = ok;
      out.margin[i] = pairs[i].same ? scores[i] - t : t - scores[i];
      right += ok;
      ++count;
    }
    out.accuracy.push_back(static_cast<double>(right) / static_cast<double>(count));
    out.threshold.push_back(rule == AccuracyRule::kInsightFace ? -t : t);
  }
  finish(out);
  return out;
}

}  // namespace

std::string accuracy_rule_name(AccuracyRule rule) {
  if (rule == AccuracyRule::kInsightFace) return "R-IF";
  return rule == AccuracyRule::kFaceXZoo ? "R-FXZ" : "R-SPH";
}

std::string explain_accuracy_rule(AccuracyRule rule) {
  switch (rule) {
    case AccuracyRule::kInsightFace:
      return "R-IF (facenet, arcface_torch): sum of both views, squared distance, 400 thresholds of step 0.01, best "
             "accuracy on the other folds, first maximum, same if d2 < t; \u00b1 is the population std";
    case AccuracyRule::kFaceXZoo:
      return "R-FXZ (FaceX-Zoo): one view, cosine, 1000 steps over the training scores, best TPR - FPR, equality "
             "counts as wrong; \u00b1 is std(ddof 1) / sqrt(folds)";
    default:
      return "R-SPH (SphereFace): both views side by side minus the training mean, cosine, thresholds of step 1e-4, "
             "mean of all best ones, equality counts as wrong; its repository prints no spread";
  }
}

PairAccuracy pair_accuracy(const UnitVectors& vectors, std::span<const FacePair> pairs, AccuracyRule rule) {
  std::vector<double> scores = pair_scores(vectors, pairs);  // also checks the rows
  if (rule == AccuracyRule::kInsightFace) scores = negative_distances(vectors, pairs);
  return judge(pairs, rule, [&](int) -> const std::vector<double>& { return scores; });
}

PairAccuracy pair_accuracy(const FaceFeatures& features, std::span<const FacePair> pairs, AccuracyRule rule,
                           const AccuracyOptions& options) {
  const FlipMode flip = flip_of(rule, features, options);
  if (rule != AccuracyRule::kSphereFace || !options.mean_removal)
    return pair_accuracy(unit_vectors(features, flip), pairs, rule);
  int64_t dim = 0;
  const std::vector<double> joined = joined_views(features, flip, &dim);
  std::vector<double> scores;
  return judge(pairs, rule, [&](int fold) -> const std::vector<double>& {
    scores = pair_scores(centred(joined, dim, features.rows, pairs, fold), pairs);
    return scores;
  });
}

double best_global_accuracy(std::span<const double> scores, std::span<const FacePair> pairs) {
  const Labelled all = training_scores(scores, pairs, -1);
  auto best = static_cast<int64_t>(all.different.size());
  for (const double t : all.same)  // same if score >= t
    best = std::max(best, above(all.same, std::nextafter(t, -2.0)) + below(all.different, t));
  return static_cast<double>(best) / static_cast<double>(pairs.size());
}

ValAtFar val_at_far(std::span<const double> scores, std::span<const FacePair> pairs, double far) {
  const int folds = check_folds(pairs);
  std::vector<double> negative(scores.size());
  for (size_t i = 0; i < scores.size(); ++i) negative[i] = 2 * scores[i] - 2;  // -d2
  ValAtFar out;
  for (int fold = 0; fold < folds; ++fold) {
    const Labelled train = training_scores(negative, pairs, fold);
    const auto share = [&](double t) {
      return static_cast<double>(above(train.different, -t)) / static_cast<double>(train.different.size());
    };
    double threshold = 0, before = share(0);
    for (int i = 1; i < 4000; ++i) {
      const double now = share(i * 0.001);
      if (before <= far && now >= far && now > before) {
        threshold = (i - 1 + (far - before) / (now - before)) * 0.001;
        break;
      }
      before = now;
    }
    int64_t accepted[2] = {0, 0}, count[2] = {0, 0};
    for (size_t i = 0; i < pairs.size(); ++i)
      if (pairs[i].fold == fold) {
        ++count[pairs[i].same];
        accepted[pairs[i].same] += negative[i] > -threshold;
      }
    out.val += static_cast<double>(accepted[1]) / static_cast<double>(count[1]) / folds;
    out.far += static_cast<double>(accepted[0]) / static_cast<double>(count[0]) / folds;
  }
  return out;
}

}  // namespace winnow
