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
  positives_.clear();
  for (const auto& r : relevant) {
    Positive p{r.score, 0, 0, 0, r.row, 0};
    kernel.buckets(&p.score, 1, &p.bucket);
    positives_.push_back(p);
    holds_positive_[p.bucket] = 1;
    ++begin_[p.bucket + 1];
  }
  for (int b = 0; b < kBuckets; ++b) begin_[b + 1] += begin_[b];
  std::sort(positives_.begin(), positives_.end(), [&](const Positive& a, const Positive& b) {
    return a.score != b.score ? a.score > b.score : gallery_.ids[a.row] < gallery_.ids[b.row];
  });
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
  for (int64_t f = 0; f < found; ++f) compare(scores[shared[f]], first + shared[f], bucket[shared[f]]);
  sum_ += kernel_->fixed_sum(scores, n);
  items_ += n;
  const bool full = static_cast<int64_t>(top_.size()) >= keep_hits_;
  const float bound = full && keep_hits_ > 0 ? top_.front().score : -std::numeric_limits<float>::infinity();
  if (keep_hits_ == 0 || (full && kernel_->count_at_least(scores, n, bound) == 0)) return;
  for (int64_t i = 0; i < n; ++i)
    if (scores[i] >= bound) offer(scores[i], first + i);
}

void RankCounter::compare(float score, int64_t row, uint16_t bucket) {
  if (gallery_.labels[row] == label_) return;
  Positive* const end = positives_.data() + begin_[bucket + 1];
  Positive* const at = std::partition_point(positives_.data() + begin_[bucket], end,
                                            [score](const Positive& p) { return p.score > score; });
  if (at == end) return;
  if (at->score < score) {
    ++at->above;
    return;
  }
  ++at->tied;
  const int64_t id = gallery_.ids[row];
  Positive* const next = std::partition_point(
      at, end, [&](const Positive& p) { return p.score == score && gallery_.ids[p.row] < id; });
  if (next != end && next->score == score) ++next->tied_before;
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
  int64_t better_buckets = 0, in_bucket = 0;
  int bucket = 0;
  for (size_t j = 0; j < positives_.size();) {
    const Positive& head = positives_[j];
    if (bucket < head.bucket) in_bucket = 0;
    for (; bucket < head.bucket; ++bucket) better_buckets += counts_[bucket];
    in_bucket += head.above;
    const int64_t ahead = better_buckets + in_bucket, first = static_cast<int64_t>(j);
    for (int64_t tied = 0; j < positives_.size() && positives_[j].score == head.score; ++j) {
      tied += positives_[j].tied_before;
      out.ranks.push_back(ahead + static_cast<int64_t>(j) + tied);
    }
    out.groups.push_back({first + ahead, static_cast<int64_t>(j) - first, head.tied});
    in_bucket += head.tied;
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
  for (const auto& p : positives_) sum += kernel_->fixed_sum(&p.score, 1);
  return sum;
}

}  // namespace winnow
