#include "src/evaluation/top_ranker.h"

#include <algorithm>

namespace winnow {
namespace {

constexpr int kBins = 1024;  ///< of equal width over [-1, 1]
/// Taken off a bin's edge for the rounding of score + 1.
constexpr float kEdgeSlack = 1e-6f;

}  // namespace

uint64_t TopRanker::bytes(int64_t depth) {
  return sizeof(TopRanker) + 2 * static_cast<uint64_t>(depth) * sizeof(ScoredHit) + kBins * sizeof(uint32_t);
}

void TopRanker::start(const VectorSet& gallery, const Truth& truth, int64_t query, int64_t depth) {
  gallery_ = gallery;
  truth_ = &truth;
  query_ = query;
  depth_ = static_cast<size_t>(depth);
  bound_ = -std::numeric_limits<float>::infinity();
  best_relevant_ = {-1, 0};
  bins_.assign(kBins, 0);
  level_ = above_ = 0;
  items_.clear();
  items_.reserve(2 * depth_);
}

void TopRanker::offer(float score, int64_t row) {
  if (score < bound_ || truth_->role(query_, row) == Role::kIgnored) return;
  items_.push_back({row, score});
  raise_bound(score);
  if (items_.size() == 2 * depth_) cut();
}

/// Items are sorted out only now and then; counts by bin say at once what at least `depth` of them reach.
void TopRanker::raise_bound(float score) {
  const float place = std::clamp((score + 1) * (kBins / 2), 0.0f, static_cast<float>(kBins - 1));
  const auto bin = static_cast<uint32_t>(place);
  if (bin < level_) return;
  ++bins_[bin];
  ++above_;
  if (above_ - bins_[level_] < depth_) return;
  while (above_ - bins_[level_] >= depth_) above_ -= bins_[level_++];
  bound_ = std::max(bound_, static_cast<float>(level_) / (kBins / 2) - 1 - kEdgeSlack);
}

void TopRanker::cut() {
  const auto order = [this](const ScoredHit& a, const ScoredHit& b) { return better(a, b); };
  std::nth_element(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(depth_) - 1, items_.end(), order);
  items_.resize(depth_);
  bound_ = std::max(bound_, items_.back().score);
}

void TopRanker::ranking(RankedList& out) {
  if (items_.size() > depth_) cut();
  std::sort(items_.begin(), items_.end(), [this](const ScoredHit& a, const ScoredHit& b) { return better(a, b); });
  out.ranks.clear();
  out.missing = 0;
  for (size_t i = 0; i < items_.size(); ++i)
    if (truth_->role(query_, items_[i].gallery_row) == Role::kRelevant) {
      if (out.ranks.empty()) best_relevant_ = items_[i];
      out.ranks.push_back(static_cast<int64_t>(i));
    }
  const auto relevant = truth_->relevant(query_);
  for (auto rank = static_cast<int64_t>(depth_); static_cast<int64_t>(out.ranks.size()) < relevant; ++rank)
    out.ranks.push_back(rank);
  out.groups.clear();
}

std::span<const ScoredHit> TopRanker::top(int64_t count) const {
  return std::span(items_).first(std::min(items_.size(), static_cast<size_t>(count)));
}

}  // namespace winnow
