#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "retrieval/postprocess/rerank.h"
#include "src/core/error.h"
#include "src/core/parallel.h"

namespace winnow {
namespace {

struct Entry {
  int64_t index;
  double weight;
};

/// Queries and gallery as one set of points 0 .. Q+N-1.
class Encoder {
 public:
  Encoder(const RerankSet& set, const KReciprocalOptions& options)
      : set_(set), options_(options), count_(set.query_count() + set.gallery_count()) {
    find_neighbours();
    encode();
    if (options_.k2 != 1) average();
    for (int64_t i = 0; i < count_; ++i) {
      for (const auto& e : weights_[size_t(i)]) holders_[e.index].push_back({i, e.weight});
    }
  }

  std::vector<float> scores(int64_t query) const {
    std::vector<double> shared(static_cast<size_t>(count_));
    for (const auto& mine : weights_[size_t(query)]) {
      for (const auto& other : holders_.at(mine.index)) {
        shared[size_t(other.index)] += std::min(mine.weight, other.weight);
      }
    }
    std::vector<float> out;
    const int64_t first = set_.query_count();
    for (int64_t g = first; g < count_; ++g) {
      const double jaccard = 1 - shared[size_t(g)] / (2 - shared[size_t(g)]);
      const double distance = (1 - options_.lambda) * jaccard + options_.lambda * normalised(query, g);
      out.push_back(static_cast<float>(-distance));
    }
    return out;
  }

 private:
  const float* point(int64_t i) const {
    const int64_t q = set_.query_count();
    return i < q ? set_.queries.data() + i * set_.dim : set_.gallery.data() + (i - q) * set_.dim;
  }
  double squared(int64_t i, int64_t j) const {
    const float *a = point(i), *b = point(j);
    double sum = 0;
    for (int64_t d = 0; d < set_.dim; ++d) {
      const double difference = static_cast<double>(a[d]) - static_cast<double>(b[d]);
      sum += difference * difference;
    }
    return sum;
  }
  double normalised(int64_t i, int64_t j) const { return squared(i, j) / farthest_[size_t(i)]; }

  void find_neighbours() {
    const int64_t keep = std::min(count_, std::max(options_.k1 + 1, options_.k2));
    neighbours_.resize(size_t(count_));
    farthest_.resize(size_t(count_));
    parallel_for(count_, [&](int64_t begin, int64_t end) {
      std::vector<std::pair<double, int64_t>> row(static_cast<size_t>(count_));
      for (int64_t i = begin; i < end; ++i) {
        double most = 0;
        for (int64_t j = 0; j < count_; ++j) {
          row[size_t(j)] = {squared(i, j), j};
          most = std::max(most, row[size_t(j)].first);
        }
        farthest_[size_t(i)] = most > 0 ? most : 1;
        std::partial_sort(row.begin(), row.begin() + keep, row.end());
        for (int64_t k = 0; k < keep; ++k) neighbours_[size_t(i)].push_back(row[size_t(k)].second);
      }
    });
  }

  bool among(int64_t i, int64_t j, int64_t k) const {
    const auto& list = neighbours_[size_t(i)];
    const auto end = list.begin() + std::min<int64_t>(k + 1, static_cast<int64_t>(list.size()));
    return std::find(list.begin(), end, j) != end;
  }
  /// Those of the k + 1 nearest (the point itself included) that have it among theirs; ascending.
  std::vector<int64_t> reciprocal(int64_t i, int64_t k) const {
    std::vector<int64_t> out;
    const auto& list = neighbours_[size_t(i)];
    for (int64_t n = 0; n < std::min<int64_t>(k + 1, static_cast<int64_t>(list.size())); ++n) {
      if (among(list[size_t(n)], i, k)) out.push_back(list[size_t(n)]);
    }
    std::sort(out.begin(), out.end());
    return out;
  }
  /// R*: candidates bring their own neighbours along when two thirds of these are neighbours already.
  std::vector<int64_t> expanded(int64_t i) const {
    const auto core = reciprocal(i, options_.k1);
    auto all = core;
    const auto half = static_cast<int64_t>(std::nearbyint(static_cast<double>(options_.k1) / 2));  // ties to even
    for (const int64_t candidate : core) {
      const auto theirs = reciprocal(candidate, half);
      std::vector<int64_t> both;
      std::set_intersection(theirs.begin(), theirs.end(), core.begin(), core.end(), std::back_inserter(both));
      if (3 * both.size() > 2 * theirs.size()) all.insert(all.end(), theirs.begin(), theirs.end());
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
  }

  void encode() {
    weights_.resize(size_t(count_));
    parallel_for(count_, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        double sum = 0;
        auto& mine = weights_[size_t(i)];
        for (const int64_t j : expanded(i)) {
          mine.push_back({j, std::exp(-normalised(i, j))});
          sum += mine.back().weight;
        }
        for (auto& e : mine) e.weight /= sum;
      }
    });
  }

  void average() {
    std::vector<std::vector<Entry>> mean(static_cast<size_t>(count_));
    parallel_for(count_, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        std::unordered_map<int64_t, double> sum;
        const auto k = std::min<int64_t>(options_.k2, static_cast<int64_t>(neighbours_[size_t(i)].size()));
        for (int64_t n = 0; n < k; ++n) {
          for (const auto& e : weights_[size_t(neighbours_[size_t(i)][size_t(n)])]) sum[e.index] += e.weight;
        }
        for (const auto& [index, weight] : sum) mean[size_t(i)].push_back({index, weight / static_cast<double>(k)});
        std::sort(mean[size_t(i)].begin(), mean[size_t(i)].end(),
                  [](const Entry& a, const Entry& b) { return a.index < b.index; });
      }
    });
    weights_ = std::move(mean);
  }

  const RerankSet& set_;
  KReciprocalOptions options_;
  int64_t count_;
  std::vector<std::vector<int64_t>> neighbours_;
  std::vector<double> farthest_;
  std::vector<std::vector<Entry>> weights_;
  std::unordered_map<int64_t, std::vector<Entry>> holders_;  ///< who has a weight at an index
};

}  // namespace

void rerank_k_reciprocal(const RerankSet& set, const KReciprocalOptions& options, const ScoreRow& use) {
  if (options.k1 < 1 || options.k2 < 1 || !(options.lambda >= 0 && options.lambda <= 1)) {
    throw Error(ErrorCode::kUsage, "[k-reciprocal] k1, k2 >= 1 and lambda in [0, 1] are required");
  }
  const Encoder encoder(set, options);
  for (int64_t q = 0; q < set.query_count(); ++q) use(q, encoder.scores(q));
}

}  // namespace winnow
