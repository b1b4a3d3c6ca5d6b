#include "src/evaluation/rank_counter.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

namespace winnow {
namespace {

constexpr int64_t kBlock = 1024;
constexpr uint16_t kHoldsPositive = 0x8000;
constexpr int64_t kMostRecent = kHoldsPositive - 1;
/// Unsigned numbers in the reverse order of the scores; -0 counts as 0.
uint32_t descending_bits(float score) {
  const auto bits = std::bit_cast<uint32_t>(score == 0.0f ? 0.0f : score);
  return bits & 0x80000000u ? bits : ~bits & 0x7FFFFFFFu;
}

/// Buckets a relevant item: few others then share its bucket.
constexpr int64_t kBucketsPerPositive = 12;

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

uint64_t RankCounter::hot_bytes(int64_t relevant) {
  // Scores crowd in a third of the range: that share of the buckets' counts and begins, then scores, rows and above.
  return static_cast<uint64_t>(bucket_count(relevant)) * 2 + static_cast<uint64_t>(relevant) * 16;
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
  sort_known(relevant);
  std::vector<uint16_t> bucket(relevant.size());
  kernel.buckets(scores_.data(), static_cast<int64_t>(scores_.size()), buckets_, bucket.data());
  positives_.assign(relevant.size(), {});
  for (size_t i = 0; i < bucket.size(); ++i) {
    positives_[i].bucket = bucket[i];
    recent_[bucket[i]] = kHoldsPositive;
    ++begin_[bucket[i] + 1];
  }
  for (int b = 0; b < buckets_; ++b) begin_[b + 1] += begin_[b];
  scores_.push_back(std::numeric_limits<float>::quiet_NaN());
  above_.assign(scores_.size(), 0);
  take_out(ignored);
}

/// Fills scores_ and rows_ by (score desc, id asc): a radix sort of the scores' bits, as a query may have thousands.
void RankCounter::sort_known(const std::vector<Known>& relevant) {
  keys_.resize(relevant.size());
  other_keys_.resize(relevant.size());
  for (size_t i = 0; i < relevant.size(); ++i) keys_[i] = uint64_t{descending_bits(relevant[i].score)} << 32 | i;
  for (int shift = 32; shift < 64; shift += 8) {
    std::array<uint32_t, 257> begin{};
    for (const uint64_t key : keys_) ++begin[(key >> shift & 255) + 1];
    for (size_t d = 0; d < 256; ++d) begin[d + 1] += begin[d];
    for (const uint64_t key : keys_) other_keys_[begin[key >> shift & 255]++] = key;
    keys_.swap(other_keys_);
  }
  scores_.clear();
  rows_.clear();
  for (const uint64_t key : keys_) {
    const auto& item = relevant[static_cast<uint32_t>(key)];
    scores_.push_back(item.score);
    rows_.push_back(item.row);
  }
  for (size_t i = 0; i < rows_.size();) {
    size_t end = i + 1;
    while (end < rows_.size() && scores_[end] == scores_[i]) ++end;
    if (end - i > 1)
      std::sort(rows_.begin() + static_cast<int64_t>(i), rows_.begin() + static_cast<int64_t>(end),
                [this](int64_t a, int64_t b) { return gallery_.ids[a] < gallery_.ids[b]; });
    i = end;
  }
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
  if (rows_[at] == row || truth_->role(query_, row) != Role::kOther) return;
  ++positives_[at].tied;
  const auto group = positives_.begin() + static_cast<int64_t>(at);
  const auto first = scores_.begin() + static_cast<int64_t>(at), last = scores_.end() - 1;
  const auto size = std::partition_point(first, last, [&](float s) { return s == scores_[at]; }) - first;
  const auto rows = rows_.begin() + static_cast<int64_t>(at);
  const auto next =
      std::partition_point(rows, rows + size, [&](int64_t r) { return gallery_.ids[r] < gallery_.ids[row]; });
  if (next != rows + size) ++group[next - rows].tied_before;
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
  for (int bin = 0; bin < 100; ++bin) {
    uint32_t sum = 0;
    for (int b = bin * per_bin; b < (bin + 1) * per_bin; ++b) sum += counts_[b];
    negative[99 - bin] += sum;
  }
}

int64_t RankCounter::positive_sum() const {
  int64_t sum = 0;
  for (size_t j = 0; j < positives_.size(); ++j) sum += kernel_->fixed_sum(&scores_[j], 1);
  return sum;
}

}  // namespace winnow
