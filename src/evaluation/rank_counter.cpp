#include "src/evaluation/rank_counter.h"

#include <algorithm>
#include <limits>

namespace winnow {
namespace {

constexpr int64_t kBlock = 1024;
constexpr uint16_t kHoldsPositive = 0x8000;
constexpr int64_t kMostRecent = kHoldsPositive - 1;
/// Buckets a relevant item: few others then share its bucket.
constexpr int64_t kBucketsPerPositive = 32;

}  // namespace

int RankCounter::bucket_count(int64_t relevant) {
  int count = kLeastBuckets;
  for (int level = 1; level < kBucketLevels && count < relevant * kBucketsPerPositive; ++level) count *= 2;
  return count;
}

uint64_t RankCounter::bytes(int64_t relevant, int64_t candidates) {
  const auto buckets = static_cast<uint64_t>(bucket_count(relevant));
  return sizeof(RankCounter) + buckets * 10 + static_cast<uint64_t>(relevant) * 40 +
         static_cast<uint64_t>(candidates) * 24;
}

void RankCounter::start(const VectorSet& gallery, const ScoreKernel& kernel, const Truth& truth, int64_t query,
                        const std::vector<Known>& relevant, const std::vector<Known>& ignored, int64_t keep_hits) {
  gallery_ = gallery;
  kernel_ = &kernel;
  truth_ = &truth;
  query_ = query;
  keep_hits_ = keep_hits;
  items_ = sum_ = recent_items_ = 0;
  top_.clear();
  buckets_ = bucket_count(static_cast<int64_t>(relevant.size()));
  counts_.assign(static_cast<size_t>(buckets_), 0);
  recent_.assign(static_cast<size_t>(buckets_), 0);
  begin_.assign(static_cast<size_t>(buckets_) + 1, 0);
  auto sorted = relevant;
  std::sort(sorted.begin(), sorted.end(), [&](const Known& a, const Known& b) {
    return a.score != b.score ? a.score > b.score : gallery_.ids[a.row] < gallery_.ids[b.row];
  });
  positives_.clear();
  scores_.clear();
  for (const auto& r : sorted) {
    Positive p{r.row};
    kernel.buckets(&r.score, 1, buckets_, &p.bucket);
    positives_.push_back(p);
    scores_.push_back(r.score);
    recent_[p.bucket] = kHoldsPositive;
    ++begin_[p.bucket + 1];
  }
  for (int b = 0; b < buckets_; ++b) begin_[b + 1] += begin_[b];
  scores_.push_back(std::numeric_limits<float>::quiet_NaN());
  above_.assign(scores_.size(), 0);
  take_out(ignored);
}

/// The stream will count these like any other item; what it will add is subtracted beforehand, modulo 2^32.
void RankCounter::take_out(const std::vector<Known>& ignored) {
  for (const auto& item : ignored) {
    uint16_t bucket;
    kernel_->buckets(&item.score, 1, buckets_, &bucket);
    --counts_[bucket];
    --items_;
    sum_ -= kernel_->fixed_sum(&item.score, 1);
    if (recent_[bucket] & kHoldsPositive) place(item.score, item.row, bucket, ~uint32_t{0});
  }
}

void RankCounter::add(const float* scores, int64_t first, int64_t n) {
  for (int64_t done = 0; done < n; done += kBlock) add_block(scores + done, first + done, std::min(kBlock, n - done));
}

void RankCounter::empty_recent() {
  for (int b = 0; b < buckets_; ++b) {
    counts_[b] += recent_[b] & kMostRecent;
    recent_[b] &= kHoldsPositive;
  }
  recent_items_ = 0;
}

void RankCounter::add_block(const float* scores, int64_t first, int64_t n) {
  if (recent_items_ + n > kMostRecent) empty_recent();
  recent_items_ += n;
  uint16_t bucket[kBlock], shared[kBlock];
  kernel_->buckets(scores, n, buckets_, bucket);
  int64_t found = 0;
  uint16_t* const recent = recent_.data();
  for (int64_t i = 0; i < n; ++i) {
    const uint16_t count = recent[bucket[i]];
    recent[bucket[i]] = static_cast<uint16_t>(count + 1);
    shared[found] = static_cast<uint16_t>(i);
    found += count >> 15;
  }
  for (int64_t f = 0; f < found; ++f) place(scores[shared[f]], first + shared[f], bucket[shared[f]], 1);
  sum_ += kernel_->fixed_sum(scores, n);
  items_ += n;
  const bool full = static_cast<int64_t>(top_.size()) >= keep_hits_;
  const float bound = full && keep_hits_ > 0 ? top_.front().score : -std::numeric_limits<float>::infinity();
  if (keep_hits_ == 0 || (full && kernel_->count_at_least(scores, n, bound) == 0)) return;
  for (int64_t i = 0; i < n; ++i)
    if (scores[i] >= bound) offer(scores[i], first + i);
}

void RankCounter::place(float score, int64_t row, uint16_t bucket, uint32_t step) {
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
    above_[at] += step;
}

/// Also reached by the positives themselves, as their scores are in the list.
void RankCounter::place_tied(size_t at, int64_t row) {
  if (positives_[at].row == row || truth_->role(query_, row) != Role::kOther) return;
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
    if (!better(hit, top_.front()) || truth_->role(query_, row) == Role::kIgnored) return;
    std::pop_heap(top_.begin(), top_.end(), order);
    top_.pop_back();
  } else if (truth_->role(query_, row) == Role::kIgnored) {
    return;
  }
  top_.push_back(hit);
  std::push_heap(top_.begin(), top_.end(), order);
}

RankedList RankCounter::ranking() {
  empty_recent();
  for (const auto& p : positives_) --counts_[p.bucket];
  RankedList out;
  out.ranks.reserve(positives_.size());
  int64_t ahead = 0;  // other items with a better score
  int bucket = 0;
  for (size_t j = 0; j < positives_.size();) {
    const size_t head = j;
    for (; bucket < positives_[head].bucket; ++bucket) ahead += recent_[bucket] ? 0 : counts_[bucket];
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
  const int per_bin = buckets_ / 100;
  for (const auto& p : positives_) ++positive[99 - p.bucket / per_bin];
  for (int b = 0; b < buckets_; ++b) negative[99 - b / per_bin] += counts_[b];
}

int64_t RankCounter::positive_sum() const {
  int64_t sum = 0;
  for (size_t j = 0; j < positives_.size(); ++j) sum += kernel_->fixed_sum(&scores_[j], 1);
  return sum;
}

}  // namespace winnow
