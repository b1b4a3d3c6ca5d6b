#include "src/workflow/data_duplicates.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "src/core/error.h"
#include "src/core/log.h"
#include "src/core/parallel.h"
#include "src/workflow/data_thumbs.h"
#include "src/workflow/noise_neighbours.h"

namespace winnow {
namespace {

constexpr double kSame = 6;
using Facts = std::vector<std::optional<PictureFacts>>;

// Centred, unit grey 16 x 16 vectors: cosine = correlation of the pictures. An even picture becomes zero: near nothing.
std::vector<float> thumb_vectors(const Facts& facts) {
  constexpr int kSide = 16, kDim = kSide * kSide;
  std::vector<float> out(facts.size() * kDim);
  for (size_t i = 0; i < facts.size(); ++i) {
    if (!facts[i]) continue;
    float* v = out.data() + i * kDim;
    for (int y = 0; y < kThumb; ++y)
      for (int x = 0; x < kThumb; ++x)
        for (int c = 0; c < 3; ++c)
          v[(y / 2) * kSide + x / 2] += facts[i]->thumb[static_cast<size_t>((y * kThumb + x) * 3 + c)];
    float mean = 0, norm = 0;
    for (int d = 0; d < kDim; ++d) mean += v[d] / kDim;
    for (int d = 0; d < kDim; ++d) norm += (v[d] - mean) * (v[d] - mean);
    for (int d = 0; d < kDim; ++d) v[d] = norm > 0 ? (v[d] - mean) / std::sqrt(norm) : 0;
  }
  return out;
}

std::set<std::pair<int64_t, int64_t>> candidate_pairs(const Facts& facts, const DuplicateOptions& options) {
  std::set<std::pair<int64_t, int64_t>> out;
  std::map<std::string, int64_t> first;
  for (size_t i = 0; i < facts.size(); ++i) {
    if (!facts[i]) continue;
    const auto [at, added] = first.emplace(facts[i]->digest, static_cast<int64_t>(i));
    if (!added) out.emplace(at->second, static_cast<int64_t>(i));
  }
  const auto vectors = thumb_vectors(facts);
  const auto table = self_neighbours({vectors, static_cast<int64_t>(facts.size()), 256}, options.neighbours);
  for (int64_t i = 0; i < table.n; ++i)
    for (int64_t k = i * table.k; k < (i + 1) * table.k; ++k) {
      const int32_t other = table.rows[static_cast<size_t>(k)];
      if (other >= 0 && table.cosines[static_cast<size_t>(k)] >= options.cosine)
        out.emplace(std::min<int64_t>(i, other), std::max<int64_t>(i, other));
    }
  return out;
}

/// Complete linkage: two clusters become one only when every two of their members are within the bound.
std::vector<DuplicateCluster> make_clusters(const std::vector<DuplicatePair>& pairs, const Facts& facts, double bound) {
  std::map<int64_t, size_t> of;
  std::vector<DuplicateCluster> clusters;
  const auto cluster = [&](int64_t item) {
    const auto [at, added] = of.emplace(item, clusters.size());
    if (added) clusters.push_back({{item}, 0, false, false});
    return at->second;
  };
  auto sorted = pairs;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& x, const auto& y) { return x.difference < y.difference; });
  for (const auto& pair : sorted) {
    const size_t a = cluster(pair.a), b = cluster(pair.b);
    if (a == b) continue;
    double widest = std::max(clusters[a].diameter, clusters[b].diameter);
    for (const int64_t x : clusters[a].items)
      for (const int64_t y : clusters[b].items)
        if (widest <= bound)
          widest = std::max(
              widest, thumb_difference(facts[static_cast<size_t>(x)]->thumb, facts[static_cast<size_t>(y)]->thumb));
    if (widest > bound) continue;
    clusters[a].diameter = widest;
    for (const int64_t y : clusters[b].items) {
      clusters[a].items.push_back(y);
      of[y] = a;
    }
    clusters[b].items.clear();
  }
  std::erase_if(clusters, [](const DuplicateCluster& c) { return c.items.size() < 2; });
  return clusters;
}

void find_health(const Facts& facts, DuplicateReport& report) {
  std::vector<double> areas;
  for (const auto& f : facts)
    if (f) areas.push_back(static_cast<double>(f->width) * f->height);
  if (areas.empty()) return;
  std::nth_element(areas.begin(), areas.begin() + static_cast<int64_t>(areas.size() / 2), areas.end());
  const double median = areas[areas.size() / 2];
  for (size_t i = 0; i < facts.size(); ++i) {
    if (!facts[i]) continue;
    const auto& f = *facts[i];
    const auto add = [&](const char* fault, double value) {
      report.health.push_back({static_cast<int64_t>(i), fault, value});
    };
    const double area = static_cast<double>(f.width) * f.height;
    const double shape = static_cast<double>(std::max(f.width, f.height)) / std::max(1, std::min(f.width, f.height));
    if (f.bright < 50) add("dark", f.bright);
    if (f.dark > 225) add("light", f.dark);
    if (f.contrast < 6) add("low information", f.contrast);
    if (f.contrast >= 6 && f.sharpness < 0.08) add("blurry", f.sharpness);
    if (area < median / 10 || area > median * 10) add("odd size", area);
    if (shape > 3.5) add("odd shape", shape);
  }
}

}  // namespace

std::vector<std::pair<int64_t, int64_t>> verified_pairs(const std::vector<std::pair<int64_t, int64_t>>& candidates,
                                                        const std::function<Image(int64_t)>& picture) {
  std::vector<char> same(candidates.size(), 0);
  parallel_for(static_cast<int64_t>(candidates.size()), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const auto& [a, b] = candidates[static_cast<size_t>(i)];
      try {
        same[static_cast<size_t>(i)] =
            thumb_difference(make_thumb(picture(a)), make_thumb(picture(b))) <= kSame ? 1 : 0;
      } catch (const Error& e) {
        log_debug("duplicate not verified: {}", e.what());
      }
    }
  });
  std::vector<std::pair<int64_t, int64_t>> out;
  for (size_t i = 0; i < candidates.size(); ++i)
    if (same[i] != 0) out.push_back(candidates[i]);
  return out;
}

DuplicateReport find_duplicates(const Dataset& dataset, const DuplicateOptions& options) {
  DuplicateReport report;
  report.pictures = static_cast<int64_t>(dataset.items.size());
  const Facts facts = picture_facts(dataset, report.unreadable);
  find_health(facts, report);
  for (const auto& [a, b] : candidate_pairs(facts, options)) {
    const auto &x = *facts[static_cast<size_t>(a)], &y = *facts[static_cast<size_t>(b)];
    const DuplicatePair pair{a, b, thumb_difference(x.thumb, y.thumb), x.digest == y.digest};
    if (pair.difference <= options.max_difference) report.pairs.push_back(pair);
  }
  const auto item = [&](int64_t i) -> const Item& { return dataset.items[static_cast<size_t>(i)]; };
  const auto two_labels = [&](const DuplicatePair& p) { return item(p.a).label != item(p.b).label; };
  std::stable_sort(report.pairs.begin(), report.pairs.end(), [&](const auto& x, const auto& y) {
    if (two_labels(x) != two_labels(y)) return two_labels(x);
    return x.difference < y.difference;
  });
  std::set<int64_t> members;
  for (const auto& pair : report.pairs) {
    members.insert({pair.a, pair.b});
    report.exact_pairs += pair.same_bytes ? 1 : 0;
  }
  report.in_pairs = static_cast<int64_t>(members.size());
  report.clusters = make_clusters(report.pairs, facts, options.max_difference);
  for (auto& cluster : report.clusters) {
    std::sort(cluster.items.begin(), cluster.items.end());
    for (const int64_t i : cluster.items) {
      cluster.two_labels = cluster.two_labels || item(i).label != item(cluster.items[0]).label;
      cluster.two_splits = cluster.two_splits || item(i).split != item(cluster.items[0]).split;
    }
  }
  std::stable_sort(report.clusters.begin(), report.clusters.end(), [](const auto& x, const auto& y) {
    if (x.two_labels != y.two_labels) return x.two_labels;
    return x.items.size() > y.items.size();
  });
  return report;
}

}  // namespace winnow
