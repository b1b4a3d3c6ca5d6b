#include "src/evaluation/threshold.h"

#include <algorithm>
#include <cmath>

#include "src/core/error.h"
#include "src/core/parallel.h"
#include "src/core/random.h"
#include "src/core/text.h"

namespace winnow {
namespace {

using Kind = ThresholdTarget::Kind;

struct Counts {
  int64_t right = 0, wrong = 0;
};

double share(int64_t part, int64_t whole, double empty) {
  return whole == 0 ? empty : static_cast<double>(part) / static_cast<double>(whole);
}

bool reaches(const ThresholdTarget& target, const Counts& accepted, const Counts& all) {
  switch (target.kind) {
    case Kind::kFar: return share(accepted.wrong, all.wrong, 0.0) <= target.value;
    case Kind::kPrecision: return share(accepted.right, accepted.right + accepted.wrong, 0.0) >= target.value;
    case Kind::kFpir: return false;
    case Kind::kRecall: return share(accepted.right, all.right, 0.0) >= target.value;
  }
  return false;
}

/// @param hits  by score, best first. @return place after the last accepted hit, 0 when nothing reaches the target
size_t cut_of(const std::vector<FirstHit>& hits, const ThresholdTarget& target) {
  Counts all, accepted;
  for (const auto& hit : hits) ++(hit.right ? all.right : all.wrong);
  size_t best = 0;
  for (size_t i = 0; i < hits.size();) {
    const double score = hits[i].score;
    for (; i < hits.size() && hits[i].score == score; ++i) ++(hits[i].right ? accepted.right : accepted.wrong);
    if (!reaches(target, accepted, all)) continue;
    best = i;
    if (target.kind == Kind::kRecall) break;
  }
  return best;
}

void sort_hits(std::vector<FirstHit>& hits) {
  std::stable_sort(hits.begin(), hits.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
}

Interval resampled(const std::vector<FirstHit>& hits, const ThresholdTarget& target, int64_t resamples, uint64_t seed) {
  std::vector<double> scores(static_cast<size_t>(resamples));
  parallel_for(resamples, [&](int64_t begin, int64_t end) {
    std::vector<FirstHit> drawn(hits.size());
    for (int64_t r = begin; r < end; ++r) {
      Random random(seed, "threshold", static_cast<uint64_t>(r));
      std::vector<uint32_t> times(hits.size());
      for (size_t i = 0; i < hits.size(); ++i) ++times[random.below(hits.size())];
      drawn.clear();  // in the order of hits, so that no sort is needed
      for (size_t i = 0; i < hits.size(); ++i) drawn.insert(drawn.end(), times[i], hits[i]);
      const size_t cut = cut_of(drawn, target);
      scores[static_cast<size_t>(r)] = drawn[cut == 0 ? 0 : cut - 1].score;
    }
  });
  std::sort(scores.begin(), scores.end());
  const auto at = [&](double q) { return scores[static_cast<size_t>(q * static_cast<double>(scores.size() - 1))]; };
  return {at(0.025), at(0.975)};
}

}  // namespace

ThresholdTarget parse_threshold_target(const std::string& text) {
  const auto at = text.find('=');
  const std::string name = text.substr(0, at);
  const auto value = at == std::string::npos ? std::nullopt : parse_double(trim(std::string_view(text).substr(at + 1)));
  if (value && *value > 0 && *value <= 1) {
    if (name == "far") return {Kind::kFar, *value};
    if (name == "precision") return {Kind::kPrecision, *value};
    if (name == "fpir") return {Kind::kFpir, *value};
    if (name == "recall") return {Kind::kRecall, *value};
  }
  throw Error(ErrorCode::kUsage,
              "[threshold] a target reads far=RATE, fpir=RATE, precision=SHARE or recall=SHARE with a number in "
              "(0, 1]; given '" +
                  text + "'");
}

std::vector<FirstHit> first_hits(const RetrievalResult& result, std::span<const int64_t> query_labels,
                                 std::span<const int64_t> gallery_labels) {
  std::vector<FirstHit> out;
  for (size_t i = 0; i < result.queries.size(); ++i) {
    const auto& query = result.queries[i];
    if (query.top.empty()) throw Error(ErrorCode::kShape, "[threshold] evaluate with keep_hits of at least 1");
    const int64_t label = query_labels[static_cast<size_t>(query.query_row)];
    out.push_back({query.top[0].score, gallery_labels[static_cast<size_t>(query.top[0].gallery_row)] == label,
                   static_cast<int64_t>(i), label});
  }
  return out;
}

Threshold find_threshold(std::vector<FirstHit> hits, const ThresholdTarget& target, int64_t resamples, uint64_t seed) {
  if (hits.empty()) throw Error(ErrorCode::kShape, "[threshold] at least one first hit is required, given none");
  if (target.kind == Kind::kFpir)
    throw Error(ErrorCode::kUsage,
                "[threshold] fpir=RATE needs strangers, people who are not in the gallery: use --protocol identify, or "
                "far=RATE over first hits");
  sort_hits(hits);
  Threshold out;
  const size_t cut = cut_of(hits, target);
  out.reached = cut > 0;
  out.score = hits[cut == 0 ? 0 : cut - 1].score;
  int64_t accepted_right = 0;
  for (const auto& hit : hits) {
    ++(hit.right ? out.right : out.wrong);
    if (hit.score < out.score) continue;
    ++out.accepted;
    accepted_right += hit.right ? 1 : 0;
  }
  out.precision = share(accepted_right, out.accepted, 0.0);
  out.recall = share(accepted_right, out.right, 0.0);
  out.far = share(out.accepted - accepted_right, out.wrong, 0.0);
  const double cases = target.kind == Kind::kFar         ? static_cast<double>(out.wrong) * target.value
                       : target.kind == Kind::kPrecision ? static_cast<double>(out.accepted)
                                                         : static_cast<double>(out.right);
  out.too_few = cases < (target.kind == Kind::kFar ? 1.0 : 30.0);
  out.interval = resamples > 0 ? resampled(hits, target, resamples, seed) : Interval{out.score, out.score};
  return out;
}

double best_f1_score(std::vector<FirstHit> hits) {
  if (hits.empty()) throw Error(ErrorCode::kShape, "[threshold] at least one first hit is required, given none");
  sort_hits(hits);
  const auto right = std::count_if(hits.begin(), hits.end(), [](const auto& hit) { return hit.right; });
  int64_t accepted_right = 0;
  double best = 0, score = hits[0].score;
  for (size_t i = 0; i < hits.size(); ++i) {
    accepted_right += hits[i].right ? 1 : 0;
    if (i + 1 < hits.size() && hits[i + 1].score == hits[i].score) continue;
    const double f1 = 2 * static_cast<double>(accepted_right) / static_cast<double>(i + 1 + static_cast<size_t>(right));
    if (f1 <= best) continue;
    best = f1;
    score = hits[i].score;
  }
  return score;
}

std::vector<FirstHit> hits_behind(const std::vector<FirstHit>& hits, double score, size_t count) {
  std::vector<FirstHit> out;
  for (const auto& hit : hits)
    if (hit.right != (hit.score >= score)) out.push_back(hit);
  std::stable_sort(out.begin(), out.end(), [&](const auto& a, const auto& b) {
    return std::fabs(a.score - score) > std::fabs(b.score - score);
  });
  out.resize(std::min(out.size(), count));
  return out;
}

}  // namespace winnow
