#include "src/evaluation/rank_counter.h"

#include <algorithm>
#include <limits>

namespace winnow {
namespace {

constexpr int64_t kBlock = 1024;
constexpr int kBucketsPerBin = kBuckets / 100;

}  // namespace

void RankCounter::start(const VectorSet& gallery, const ScoreKernel& kernel, int64_t label, int64_t self_row,
                        const std::vector<Relevant>& relevant, int64_t keep_hits) {
  gallery_ = gallery;
  kernel_ = &kernel;
  label_ = label;
  self_row_ = self_row;
  keep_hits_ = keep_hits;
  items_ = sum_ = 0;
  top_.clear();
  counts_.fill(0);
  begin_.fill(0);
  holds_positive_.fill(0);
  auto sorted = relevant;
  std::sort(sorted.begin(), sorted.end(), [&](const Relevant& a, const Relevant& b) {
    return a.score != b.score ? a.score > b.score : gallery_.ids[a.row] < gallery_.ids[b.row];
  });
  positives_.clear();
  scores_.clear();
  for (const auto& r : sorted) {
    Positive p{r.row};
    kernel.buckets(&r.score, 1, &p.bucket);
    positives_.push_back(p);
    scores_.push_back(r.score);
    holds_positive_[p.bucket] = 1;
    ++begin_[p.bucket + 1];
  }
  for (int b = 0; b < kBuckets; ++b) begin_[b + 1] += begin_[b];
  scores_.push_back(std::numeric_limits<float>::quiet_NaN());
  above_.assign(scores_.size(), 0);
}

void RankCounter::add(const float* scores, int64_t first, int64_t n) {
  for (int64_t done = 0; done < n;) {
    const int64_t row = first + done;
    if (row == self_row_) {
      ++done;
      continue;
    }
    int64_t width = std::min(kBlock, n - done);
    if (self_row_ > row) width = std::min(width, self_row_ - row);
    add_block(scores + done, row, width);
    done += width;
  }
}

void RankCounter::add_block(const float* scores, int64_t first, int64_t n) {
  uint16_t bucket[kBlock], shared[kBlock];
  kernel_->buckets(scores, n, bucket);
  int64_t found = 0;
  for (int64_t i = 0; i < n; ++i) {
    ++counts_[bucket[i]];
    shared[found] = static_cast<uint16_t>(i);
    found += holds_positive_[bucket[i]];
  }
  for (int64_t f = 0; f < found; ++f) place(scores[shared[f]], first + shared[f], bucket[shared[f]]);
  sum_ += kernel_->fixed_sum(scores, n);
  items_ += n;
  const bool full = static_cast<int64_t>(top_.size()) >= keep_hits_;
  const float bound = full && keep_hits_ > 0 ? top_.front().score : -std::numeric_limits<float>::infinity();
  if (keep_hits_ == 0 || (full && kernel_->count_at_least(scores, n, bound) == 0)) return;
  for (int64_t i = 0; i < n; ++i)
    if (scores[i] >= bound) offer(scores[i], first + i);
}

void RankCounter::place(float score, int64_t row, uint16_t bucket) {
  constexpr uint32_t kFew = 24;  // counted without a branch, which costs less than a search that guesses wrong
  uint32_t at = begin_[bucket];
  const uint32_t end = begin_[bucket + 1];
  if (end - at <= kFew) {
    uint32_t better_ones = 0;
    for (uint32_t j = at; j < end; ++j) better_ones += scores_[j] > score ? 1 : 0;
    at += better_ones;
  } else {
    const auto first = scores_.begin();
    at = static_cast<uint32_t>(std::partition_point(first + at, first + end, [score](float s) { return s > score; }) -
                               first);
  }
  if (scores_[at] == score)
    place_tied(at, row);
  else
    ++above_[at];
}

/// Also reached by the positives themselves, as their scores are in the list.
void RankCounter::place_tied(size_t at, int64_t row) {
  if (gallery_.labels[row] == label_) return;
  ++positives_[at].tied;
  const auto group = positives_.begin() + static_cast<int64_t>(at);
  const auto first = scores_.begin() + static_cast<int64_t>(at), last = scores_.end() - 1;
  const auto size = std::partition_point(first, last, [&](float s) { return s == scores_[at]; }) - first;
  const auto next = std::partition_point(group, group + size,
                                         [&](const Positive& p) { return gallery_.ids[p.row] < gallery_.ids[row]; });
  if (next != group + size) ++next->tied_before;
}

bool RankCounter::better(const ScoredHit& a, const ScoredHit& b) const {
  return a.score != b.score ? a.score > b.score : gallery_.ids[a.gallery_row] < gallery_.ids[b.gallery_row];
}

void RankCounter::offer(float score, int64_t row) {
  const auto order = [this](const ScoredHit& a, const ScoredHit& b) { return better(a, b); };
  const ScoredHit hit{row, score};
  if (static_cast<int64_t>(top_.size()) >= keep_hits_) {
    if (!better(hit, top_.front())) return;
    std::pop_heap(top_.begin(), top_.end(), order);
    top_.pop_back();
  }
  top_.push_back(hit);
  std::push_heap(top_.begin(), top_.end(), order);
}

RankedList RankCounter::ranking() {
  for (const auto& p : positives_) --counts_[p.bucket];
  RankedList out;
  out.ranks.reserve(positives_.size());
  int64_t ahead = 0;  // other items with a better score
  int bucket = 0;
  for (size_t j = 0; j < positives_.size();) {
    const size_t head = j;
    for (; bucket < positives_[head].bucket; ++bucket) ahead += holds_positive_[bucket] ? 0 : counts_[bucket];
    ahead += above_[head];
    int64_t tied = 0;
    for (; scores_[j] == scores_[head]; ++j) {
      tied += positives_[j].tied_before;
      out.ranks.push_back(ahead + static_cast<int64_t>(j) + tied);
    }
    out.groups.push_back({ahead + static_cast<int64_t>(head), static_cast<int64_t>(j - head), positives_[head].tied});
    ahead += positives_[head].tied;
  }
  return out;
}

std::vector<ScoredHit> RankCounter::top() const {
  auto out = top_;
  std::sort(out.begin(), out.end(), [this](const ScoredHit& a, const ScoredHit& b) { return better(a, b); });
  return out;
}

void RankCounter::add_histograms(std::vector<int64_t>& positive, std::vector<int64_t>& negative) const {
  for (const auto& p : positives_) ++positive[99 - p.bucket / kBucketsPerBin];
  for (int b = 0; b < kBuckets; ++b) negative[99 - b / kBucketsPerBin] += counts_[b];
}

int64_t RankCounter::positive_sum() const {
  int64_t sum = 0;
  for (size_t j = 0; j < positives_.size(); ++j) sum += kernel_->fixed_sum(&scores_[j], 1);
  return sum;
}

}  // namespace winnow
