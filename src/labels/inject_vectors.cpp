#include "src/labels/inject_vectors.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "src/core/random.h"
#include "src/labels/class_centres.h"

namespace winnow {
namespace {

int64_t wanted_rows(const InjectedLabels& out, const InjectOptions& o) {
  return std::llround(o.rate * static_cast<double>(out.labels.size()));
}

}  // namespace

void change_by_instance(InjectedLabels& out, int64_t classes, const InjectOptions& o) {
  const std::vector<std::string> names(static_cast<size_t>(classes));
  const std::vector<int64_t> labels = out.labels;
  const Signal doubt = prototype_signal(o.vectors, {labels, names});
  const size_t n = labels.size();
  double mean = 0;
  for (const float w : doubt.wrong) mean += std::isnan(w) ? 0 : w / static_cast<double>(n);
  std::vector<std::pair<double, size_t>> keys;
  for (size_t i = 0; i < n; ++i) {
    if (doubt.suggested[i] < 0 || std::isnan(doubt.wrong[i])) continue;
    Random random(o.seed, "noise-instance", i);
    const double u = std::max(random.uniform(), 1e-300);
    if (o.exact)
      keys.emplace_back(std::log(std::max(doubt.wrong[i], 1e-12f)) - std::log(-std::log(u)), i);
    else if (u < o.rate * doubt.wrong[i] / mean)
      keys.emplace_back(0, i);
  }
  if (o.exact) {
    std::sort(keys.begin(), keys.end(), [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    keys.resize(std::min(keys.size(), static_cast<size_t>(wanted_rows(out, o))));
  }
  for (const auto& [key, i] : keys) out.labels[i] = doubt.suggested[i];
}

void change_by_cluster(InjectedLabels& out, int64_t classes, const InjectOptions& o) {
  std::vector<std::vector<size_t>> members(static_cast<size_t>(classes));
  for (size_t i = 0; i < out.labels.size(); ++i) members[static_cast<size_t>(out.labels[i])].push_back(i);
  const std::vector<int64_t> before = out.labels;
  std::vector<size_t> order(out.labels.size());
  std::iota(order.begin(), order.end(), size_t{0});
  Random random(o.seed, "noise-cluster");
  random.shuffle(order);
  std::vector<char> moved(order.size(), 0);
  int64_t left = wanted_rows(out, o);
  for (const size_t seed : order) {
    if (left <= 0) break;
    if (moved[seed] != 0) continue;
    std::vector<std::pair<float, size_t>> near;
    for (const size_t i : members[static_cast<size_t>(before[seed])])
      if (moved[i] == 0)
        near.emplace_back(i == seed ? 2.0f
                                    : dot(o.vectors.row(static_cast<int64_t>(i)),
                                          o.vectors.row(static_cast<int64_t>(seed)), o.vectors.dim),
                          i);
    std::sort(near.begin(), near.end(), [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    const auto other = static_cast<int64_t>(random.below(static_cast<uint64_t>(classes - 1)));
    const int64_t label = other < before[seed] ? other : other + 1;
    for (size_t i = 0; i < near.size() && static_cast<int64_t>(i) < o.cluster_size && left > 0; ++i, --left) {
      out.labels[near[i].second] = label;
      moved[near[i].second] = 1;
    }
  }
}

}  // namespace winnow
