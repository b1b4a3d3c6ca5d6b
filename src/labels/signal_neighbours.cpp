#include <fmt/format.h>

#include <algorithm>

#include "src/core/error.h"
#include "src/core/parallel.h"
#include "src/labels/signals.h"

namespace winnow {
namespace {

struct Vote {
  int64_t label;
  float weight;
  int count;
};

// Votes by class, the given one first, then the strongest first (ties: the lower class).
std::vector<Vote> count_votes(const NeighbourTable& table, const GivenLabels& given, int64_t i) {
  std::vector<Vote> votes = {{given.labels[static_cast<size_t>(i)], 0, 0}};
  const auto first = static_cast<size_t>(i * table.k);
  float last = 1;
  for (size_t j = first; j < first + static_cast<size_t>(table.k); ++j)
    if (table.rows[j] >= 0) last = table.cosines[j];
  for (size_t j = first; j < first + static_cast<size_t>(table.k); ++j) {
    if (table.rows[j] < 0) continue;
    const int64_t label = given.labels[static_cast<size_t>(table.rows[j])];
    const float weight = 0.1f + std::max(0.0f, table.cosines[j] - last) / std::max(1e-6f, 1 - last);
    auto at = std::find_if(votes.begin(), votes.end(), [&](const Vote& v) { return v.label == label; });
    if (at == votes.end()) at = votes.insert(at, {label, 0, 0});
    at->weight += weight;
    ++at->count;
  }
  std::sort(votes.begin() + 1, votes.end(), [](const Vote& a, const Vote& b) {
    return a.weight != b.weight ? a.weight > b.weight : a.label < b.label;
  });
  return votes;
}

}  // namespace

Signal neighbour_signal(const NeighbourTable& table, const GivenLabels& given) {
  const auto n = given.labels.size();
  if (table.n != static_cast<int64_t>(n) || table.rows.size() != n * static_cast<size_t>(table.k) ||
      table.cosines.size() != table.rows.size())
    throw Error(ErrorCode::kShape,
                "[noise] neighbours of " + std::to_string(n) + " rows are required, got " + std::to_string(table.n));
  Signal out{"neighbours", std::vector<float>(n), std::vector<int32_t>(n, -1), {}};
  parallel_for(
      table.n,
      [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          const auto votes = count_votes(table, given, i);
          float total = 0;
          for (const auto& vote : votes) total += vote.weight;
          const float prior = 0.05f * total + 1e-6f, same = votes[0].weight,
                      other = votes.size() > 1 ? votes[1].weight : 0;
          out.wrong[static_cast<size_t>(i)] = (other + prior) / (other + same + 2 * prior);
          if (votes.size() > 1) out.suggested[static_cast<size_t>(i)] = static_cast<int32_t>(votes[1].label);
        }
      },
      0, 256);
  out.reason = [&table, given](int64_t i) {
    const auto votes = count_votes(table, given, i);
    int total = 0;
    for (const auto& vote : votes) total += vote.count;
    if (total == 0) return std::string("it has no neighbour");
    if (votes.size() == 1) return fmt::format("all {} nearest pictures are {}", total, given.name(votes[0].label));
    return fmt::format("of the {} nearest pictures {} are {} and {} are {}", total, votes[1].count,
                       given.name(votes[1].label), votes[0].count, given.name(votes[0].label));
  };
  return out;
}

}  // namespace winnow
