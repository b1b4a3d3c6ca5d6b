#include "src/evaluation/face/folds.h"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <numeric>

#include "src/core/error.h"
#include "src/evaluation/face/score_rows.h"

namespace winnow {
namespace {

int32_t root(std::vector<int32_t>& parent, int32_t x) {
  while (parent[static_cast<size_t>(x)] != x) {
    parent[static_cast<size_t>(x)] = parent[static_cast<size_t>(parent[static_cast<size_t>(x)])];
    x = parent[static_cast<size_t>(x)];
  }
  return x;
}

struct Group {
  int64_t pairs[2] = {0, 0};  ///< different, same
  int fold = 0;
};

struct Centres {
  std::vector<int64_t> labels;
  std::vector<float> values;
};

Centres centres_of(std::span<const float> vectors, std::span<const int64_t> labels, int64_t dim) {
  std::map<int64_t, std::vector<double>> sums;
  for (size_t r = 0; r < labels.size(); ++r) {
    if (labels[r] < 0) continue;
    auto& sum = sums[labels[r]];
    sum.resize(static_cast<size_t>(dim));
    std::vector<double> row(vectors.begin() + static_cast<std::ptrdiff_t>(r) * dim,
                            vectors.begin() + static_cast<std::ptrdiff_t>(r + 1) * dim);
    normalise(row);
    for (size_t d = 0; d < row.size(); ++d) sum[d] += row[d];
  }
  Centres out;
  for (auto& [label, sum] : sums) {
    normalise(sum);
    out.labels.push_back(label);
    out.values.insert(out.values.end(), sum.begin(), sum.end());
  }
  return out;
}

}  // namespace

std::vector<int> contiguous_folds(int64_t n, int folds) {
  if (folds < 2 || n < folds)
    throw Error(ErrorCode::kData, "[folds] 2 or more folds and at least as many pairs are required, got " +
                                      std::to_string(folds) + " folds for " + std::to_string(n) + " pairs");
  std::vector<int> out;
  for (int f = 0; f < folds; ++f) out.insert(out.end(), static_cast<size_t>(n / folds + (f < n % folds)), f);
  return out;
}

std::vector<int> contiguous_folds_by_class(std::span<const FacePair> pairs, int folds) {
  std::vector<int> out(pairs.size());
  for (const bool same : {true, false}) {
    const auto n = std::count_if(pairs.begin(), pairs.end(), [&](const FacePair& p) { return p.same == same; });
    const auto of_class = contiguous_folds(n, folds);
    size_t at = 0;
    for (size_t i = 0; i < pairs.size(); ++i)
      if (pairs[i].same == same) out[i] = of_class[at++];
  }
  return out;
}

FoldHygiene examine_folds(std::span<const FacePair> pairs, std::span<const int32_t> person) {
  std::map<int32_t, std::pair<int, bool>> seen;  // first fold, in others too
  for (const auto& p : pairs)
    for (const int64_t row : {p.a, p.b}) {
      const int32_t who = person[static_cast<size_t>(row)];
      if (who < 0) continue;
      const auto [at, fresh] = seen.emplace(who, std::pair(p.fold, false));
      if (!fresh && at->second.first != p.fold) at->second.second = true;
    }
  FoldHygiene out;
  out.people = static_cast<int64_t>(seen.size());
  for (const auto& [who, place] : seen) out.shared += place.second;
  return out;
}

std::vector<int> identity_disjoint_folds(std::span<const FacePair> pairs, std::span<const int32_t> person, int folds) {
  int32_t people = 0;
  for (const int32_t p : person) people = std::max(people, p + 1);
  std::vector<int32_t> parent(static_cast<size_t>(people));
  std::iota(parent.begin(), parent.end(), 0);
  const auto who = [&](int64_t row) {
    const int32_t p = person[static_cast<size_t>(row)];
    if (p < 0)
      throw Error(ErrorCode::kData, "[folds] folds without shared people need to know who is on every picture");
    return p;
  };
  for (const auto& p : pairs) parent[static_cast<size_t>(root(parent, who(p.a)))] = root(parent, who(p.b));
  std::map<int32_t, Group> groups;
  for (const auto& p : pairs) ++groups[root(parent, who(p.a))].pairs[p.same];
  std::vector<Group*> order;
  for (auto& [id, group] : groups) order.push_back(&group);
  const auto size = [](const Group* g) { return g->pairs[0] + g->pairs[1]; };
  std::stable_sort(order.begin(), order.end(), [&](const Group* x, const Group* y) { return size(x) > size(y); });
  std::vector<std::array<int64_t, 2>> filled(static_cast<size_t>(folds));
  for (Group* g : order) {
    const auto cost = [&](const std::array<int64_t, 2>& f) { return f[0] * g->pairs[0] + f[1] * g->pairs[1]; };
    const auto best = std::min_element(filled.begin(), filled.end(), [&](const auto& x, const auto& y) {
      return std::pair(cost(x), x[0] + x[1]) < std::pair(cost(y), y[0] + y[1]);
    });
    g->fold = static_cast<int>(best - filled.begin());
    (*best)[0] += g->pairs[0];
    (*best)[1] += g->pairs[1];
  }
  for (const auto& f : filled)
    if (f[0] == 0 || f[1] == 0)
      throw Error(ErrorCode::kData, "[folds] the people of these pairs hang together in " +
                                        std::to_string(groups.size()) + " groups: " + std::to_string(folds) +
                                        " folds with same and different pairs cannot be made without shared people");
  std::vector<int> out;
  for (const auto& p : pairs) out.push_back(groups[root(parent, who(p.a))].fold);
  return out;
}

std::vector<LikelyOverlap> likely_overlap(std::span<const float> test, std::span<const int64_t> test_labels,
                                          std::span<const float> train, std::span<const int64_t> train_labels,
                                          int64_t dim, double bound) {
  const Centres a = centres_of(test, test_labels, dim), b = centres_of(train, train_labels, dim);
  std::vector<LikelyOverlap> best(a.labels.size(), {0, -1, bound});
  if (a.labels.empty() || b.labels.empty()) return {};
  for_each_score_row({a.values, static_cast<int64_t>(a.labels.size()), dim},
                     {b.values, static_cast<int64_t>(b.labels.size()), dim}, false,
                     [&](int, int64_t q, int64_t first, std::span<const float> scores) {
                       auto& mine = best[static_cast<size_t>(q)];
                       for (size_t i = 0; i < scores.size(); ++i)
                         if (static_cast<double>(scores[i]) > mine.cosine)
                           mine = {a.labels[static_cast<size_t>(q)], b.labels[static_cast<size_t>(first) + i],
                                   static_cast<double>(scores[i])};
                     });
  std::erase_if(best, [](const LikelyOverlap& o) { return o.train < 0; });
  std::stable_sort(best.begin(), best.end(), [](const auto& x, const auto& y) { return x.cosine > y.cosine; });
  return best;
}

}  // namespace winnow
