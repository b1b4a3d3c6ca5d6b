#include "src/evaluation/rank_counter.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace winnow {
namespace {

constexpr int64_t kBlock = 1024;
constexpr int64_t kMostRecent = 65535;
/// More relevant items than this in a bucket are sorted by std::sort; fewer by insertion, as buckets come in order.
constexpr uint32_t kCrowded = 48;

}  // namespace

/// At most one relevant item a bucket on average leaves all but the most crowded ones within a window.
int RankCounter::bucket_count(int64_t relevant) {
  int count = kLeastBuckets;
  for (int level = 1; level < kBucketLevels && count < 2 * relevant; ++level) count *= 2;
  return count;
}

uint64_t RankCounter::bytes(int64_t relevant, int64_t candidates) {
  const auto buckets = static_cast<uint64_t>(bucket_count(relevant));
  return sizeof(RankCounter) + buckets * 10 + static_cast<uint64_t>(relevant) * 60 +
         static_cast<uint64_t>(candidates) * 24;
}

uint64_t RankCounter::hot_bytes(int64_t relevant) {
  // Scores crowd in a third of the range: that share of the buckets' slots, then slots and scores of the relevant.
  return static_cast<uint64_t>(bucket_count(relevant)) * 2 + static_cast<uint64_t>(relevant) * 14;
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
  ties_.clear();
  buckets_ = bucket_count(static_cast<int64_t>(relevant.size()));
  by_row_.resize(relevant.size());
  for (size_t i = 0; i < relevant.size(); ++i) by_row_[i] = relevant[i].row;
  if (!std::is_sorted(by_row_.begin(), by_row_.end())) std::sort(by_row_.begin(), by_row_.end());
  sort_known(relevant);
  counts_.assign(first_slot_.back(), 0);
  recent_.assign(first_slot_.back(), 0);
  take_out(ignored);
}

/// Fills scores_, rows_ and bucket_ by (score desc, id asc), and first_slot_: by bucket first, then inside of it.
void RankCounter::sort_known(const std::vector<Known>& relevant) {
  const size_t count = relevant.size();
  scores_.resize(count);
  rows_.resize(count);
  bucket_.resize(count);
  for (size_t i = 0; i < count; ++i) scores_[i] = relevant[i].score;
  kernel_->buckets(scores_.data(), static_cast<int64_t>(count), buckets_, bucket_.data());
  first_slot_.assign(static_cast<size_t>(buckets_) + 1, 0);
  for (const uint16_t b : bucket_) ++first_slot_[b];
  uint32_t most = 0, before = 0;
  for (uint32_t& slot : first_slot_) {
    most = std::max(most, slot);
    before += std::exchange(slot, before);
  }
  for (size_t i = 0; i < count; ++i) {
    const uint32_t place = first_slot_[bucket_[i]]++;
    scores_[place] = relevant[i].score;
    rows_[place] = relevant[i].row;
  }
  // Each entry now holds where the next bucket begins.
  for (auto b = static_cast<uint32_t>(buckets_); b > 0; --b) first_slot_[b] = first_slot_[b - 1] + b;
  first_slot_[0] = 0;
  if (most > kCrowded)
    sort_crowded();
  else
    sort_by_insertion();
  kernel_->buckets(scores_.data(), static_cast<int64_t>(count), buckets_, bucket_.data());
  scores_.resize(count + kWindow, std::numeric_limits<float>::quiet_NaN());
}

void RankCounter::sort_crowded() {
  std::vector<ScoredHit> items(rows_.size());
  for (size_t i = 0; i < items.size(); ++i) items[i] = {rows_[i], scores_[i]};
  std::sort(items.begin(), items.end(), [this](const ScoredHit& a, const ScoredHit& b) { return better(a, b); });
  for (size_t i = 0; i < items.size(); ++i) {
    rows_[i] = items[i].gallery_row;
    scores_[i] = items[i].score;
  }
}

void RankCounter::sort_by_insertion() {
  for (size_t i = 1; i < rows_.size(); ++i) {
    if (scores_[i - 1] > scores_[i]) continue;
    const ScoredHit item{rows_[i], scores_[i]};
    size_t at = i;
    for (; at > 0 && better(item, {rows_[at - 1], scores_[at - 1]}); --at) {
      scores_[at] = scores_[at - 1];
      rows_[at] = rows_[at - 1];
    }
    scores_[at] = item.score;
    rows_[at] = item.gallery_row;
  }
}

/// The stream will count these like any other item; what it will add is subtracted beforehand, modulo 2^32.
void RankCounter::take_out(const std::vector<Known>& ignored) {
  for (const auto& item : ignored) {
    uint16_t bucket;
    kernel_->buckets(&item.score, 1, buckets_, &bucket);
    const auto first = scores_.begin() + (first_slot_[bucket] - bucket);
    const auto last = scores_.begin() + (first_slot_[bucket + 1] - bucket - 1);
    const auto better_ones = std::partition_point(first, last, [&](float s) { return s > item.score; }) - first;
    --counts_[first_slot_[bucket] + static_cast<size_t>(better_ones)];
    --items_;
    sum_ -= kernel_->fixed_sum(&item.score, 1);
  }
}

void RankCounter::add(const float* scores, int64_t first, int64_t n) {
  for (int64_t done = 0; done < n; done += kBlock) add_block(scores + done, first + done, std::min(kBlock, n - done));
}

void RankCounter::empty_recent() {
  for (size_t slot = 0; slot < counts_.size(); ++slot) counts_[slot] += recent_[slot];
  std::fill(recent_.begin(), recent_.end(), uint16_t{0});
  recent_items_ = 0;
}

void RankCounter::add_block(const float* scores, int64_t first, int64_t n) {
  if (recent_items_ + n > kMostRecent) empty_recent();
  recent_items_ += n;
  uint16_t bucket[kBlock];
  kernel_->buckets(scores, n, buckets_, bucket);
  // Each relevant row equals its own known score: only more equals than those are ties.
  if (kernel_->count(scores, bucket, n, first_slot_.data(), scores_.data(), recent_.data()) != relevant_among(first, n))
    place_ties(scores, bucket, first, n);
  sum_ += kernel_->fixed_sum(scores, n);
  items_ += n;
  const bool full = static_cast<int64_t>(top_.size()) >= keep_hits_;
  const float bound = full && keep_hits_ > 0 ? top_.front().score : -std::numeric_limits<float>::infinity();
  if (keep_hits_ == 0 || (full && kernel_->count_at_least(scores, n, bound) == 0)) return;
  for (int64_t i = 0; i < n; ++i)
    if (scores[i] >= bound) offer(scores[i], first + i);
}

int64_t RankCounter::relevant_among(int64_t first, int64_t n) const {
  const auto begin = std::lower_bound(by_row_.begin(), by_row_.end(), first);
  return std::lower_bound(begin, by_row_.end(), first + n) - begin;
}

void RankCounter::place_ties(const float* scores, const uint16_t* bucket, int64_t first, int64_t n) {
  uint16_t equal[kBlock];
  uint32_t equal_to[kBlock];
  const int64_t found = kernel_->equals(scores, bucket, n, first_slot_.data(), scores_.data(), equal, equal_to);
  for (int64_t f = 0; f < found; ++f) place_tied(equal_to[f], first + equal[f]);
}

/// Also reached by the positives themselves, as their scores are in the list.
void RankCounter::place_tied(size_t at, int64_t row) {
  if (rows_[at] == row || truth_->role(query_, row) != Role::kOther) return;
  ties_.resize(rows_.size());
  ++ties_[at].others;
  const auto first = scores_.begin() + static_cast<int64_t>(at), last = scores_.end() - kWindow;
  const auto size = std::partition_point(first, last, [&](float s) { return s == scores_[at]; }) - first;
  const auto rows = rows_.begin() + static_cast<int64_t>(at);
  const auto next =
      std::partition_point(rows, rows + size, [&](int64_t r) { return gallery_.ids[r] < gallery_.ids[row]; });
  if (next != rows + size) ++ties_[at + static_cast<size_t>(next - rows)].others_before;
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

void RankCounter::ranking(RankedList& out) {
  empty_recent();
  uint32_t sum = 0;
  for (uint32_t& count : counts_) count = sum += count;
  const size_t relevant = rows_.size();
  out.missing = 0;
  out.ranks.resize(relevant);
  out.groups.clear();
  out.groups.reserve(relevant);
  for (size_t head = 0, end; head < relevant; head = end) {
    for (end = head + 1; scores_[end] == scores_[head];) ++end;
    const int64_t others = ties_.empty() ? 0 : ties_[head].others;
    // The slot holds what is better than the group and the group itself.
    const int64_t ahead = int64_t{counts_[head + bucket_[head]]} - static_cast<int64_t>(end) - others;
    int64_t tied = 0;
    for (size_t j = head; j < end; ++j) {
      if (!ties_.empty()) tied += ties_[j].others_before;
      out.ranks[j] = ahead + static_cast<int64_t>(j) + tied;
    }
    out.groups.push_back({ahead + static_cast<int64_t>(head), static_cast<int64_t>(end - head), others});
  }
}

std::vector<ScoredHit> RankCounter::top() const {
  auto out = top_;
  std::sort(out.begin(), out.end(), [this](const ScoredHit& a, const ScoredHit& b) { return better(a, b); });
  return out;
}

void RankCounter::add_histograms(std::vector<int64_t>& positive, std::vector<int64_t>& negative) const {
  const int per_bin = buckets_ / 100;
  uint32_t relevant_before = 0, items_before = 0;
  for (int bin = 0; bin < 100; ++bin) {
    const auto end = static_cast<uint32_t>((bin + 1) * per_bin);
    const uint32_t slots = first_slot_[end], relevant = slots - end, items = counts_[slots - 1];
    positive[99 - bin] += relevant - relevant_before;
    negative[99 - bin] += (items - items_before) - (relevant - relevant_before);
    relevant_before = relevant;
    items_before = items;
  }
}

int64_t RankCounter::positive_sum() const {
  return kernel_->fixed_sum(scores_.data(), static_cast<int64_t>(rows_.size()));
}

}  // namespace winnow
