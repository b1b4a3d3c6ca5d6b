#include "src/labels/estimate_details.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace winnow::detail {
namespace {

constexpr std::array<const char*, 5> kKinds = {"swap", "outlier", "duplicate", "split class", "unreadable"};
constexpr double kSplit = 0.3;     // of both classes' rows
constexpr double kStrange = 0.02;  // quantile of the rows that are believed

std::map<std::pair<int64_t, int64_t>, double> count_moves(const NoiseEstimate& estimate, const Combined& combined,
                                                          const GivenLabels& given) {
  std::map<std::pair<int64_t, int64_t>, double> moves;
  for (size_t i = 0; i < combined.suggested.size(); ++i)
    if (combined.suggested[i] >= 0 && estimate.posterior[i] > 0)
      moves[{given.labels[i], combined.suggested[i]}] += estimate.posterior[i];
  return moves;
}

/// Cosine to the nearest centre below which only the strangest of the believed rows lie; -2 = not known.
float strange_below(const NoiseEstimate& estimate, const KindEvidence& evidence) {
  std::vector<float> believed;
  for (size_t i = 0; i < evidence.nearest.size(); ++i)
    if (estimate.posterior[i] < 0.5 && !std::isnan(evidence.nearest[i])) believed.push_back(evidence.nearest[i]);
  if (believed.empty()) return -2;
  const auto at = believed.begin() + static_cast<int64_t>(kStrange * static_cast<double>(believed.size()));
  std::nth_element(believed.begin(), at, believed.end());
  return *at;
}

}  // namespace

void fill_breakdown(NoiseEstimate& estimate, const Combined& combined, const GivenLabels& given,
                    const KindEvidence& evidence) {
  const auto c = static_cast<size_t>(given.classes());
  const double n = static_cast<double>(estimate.rows);
  std::vector<double> rows(c), wrong(c);
  for (size_t i = 0; i < given.labels.size(); ++i) {
    ++rows[static_cast<size_t>(given.labels[i])];
    wrong[static_cast<size_t>(given.labels[i])] += estimate.posterior[i];
  }
  for (size_t k = 0; k < c; ++k) estimate.by_class.push_back(wilson(wrong[k], rows[k]));
  const auto moves = count_moves(estimate, combined, given);
  const auto split = [&](int64_t a, int64_t b) {
    const auto there = moves.find({a, b}), back = moves.find({b, a});
    return there != moves.end() && back != moves.end() && there->second >= kSplit * rows[static_cast<size_t>(a)] &&
           back->second >= kSplit * rows[static_cast<size_t>(b)];
  };
  for (const auto& [move, count] : moves)
    if (count >= 0.5)
      estimate.transitions.push_back(
          {move.first, move.second, count, wilson(count, rows[static_cast<size_t>(move.first)])});
  std::stable_sort(estimate.transitions.begin(), estimate.transitions.end(),
                   [](const Transition& a, const Transition& b) { return a.rows > b.rows; });
  const float strange = strange_below(estimate, evidence);
  std::array<double, kKinds.size()> counts{};
  estimate.kinds.assign(given.labels.size(), "");
  const auto order = suspicion_order(combined.wrong);
  for (int64_t s = 0; s < estimate.suspects; ++s) {
    const auto i = static_cast<size_t>(order[static_cast<size_t>(s)]);
    size_t kind = 0;
    if (!evidence.unreadable.empty() && evidence.unreadable[i] != 0)
      kind = 4;
    else if (!evidence.duplicate.empty() && evidence.duplicate[i] != 0)
      kind = 2;
    else if (!evidence.nearest.empty() && evidence.nearest[i] < strange)
      kind = 1;
    else if (combined.suggested[i] >= 0 && split(given.labels[i], combined.suggested[i]))
      kind = 3;
    ++counts[kind];
    estimate.kinds[i] = kKinds[kind];
  }
  for (size_t k = 0; k < kKinds.size(); ++k) estimate.by_kind.emplace_back(kKinds[k], wilson(counts[k], n));
}

}  // namespace winnow::detail
