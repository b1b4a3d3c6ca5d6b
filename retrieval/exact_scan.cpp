#include "retrieval/exact_scan.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <mutex>

#include "src/core/parallel.h"

namespace winnow {
namespace {

constexpr int kLanes = 8;

double fixed_order_dot(const float* a, const float* b, int64_t dim) {
  double lane[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= dim; i += kLanes) {
    for (int j = 0; j < kLanes; ++j) lane[j] += static_cast<double>(a[i + j]) * static_cast<double>(b[i + j]);
  }
  for (int j = 0; i < dim; ++i, ++j) lane[j] += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

void scan_block(const float* query, const float* rows, int64_t begin, int64_t end, int64_t dim, const RowSet* allowed,
                TopK& top) {
  for (int64_t row = begin; row < end; ++row) {
    if (allowed) {
      // Whole bytes without a member are skipped: most of the work when few rows are allowed.
      if ((row & 7) == 0 && allowed->bits()[static_cast<size_t>(row >> 3)] == 0) {
        row += 7;
        continue;
      }
      if (!allowed->contains(row)) continue;
    }
    top.push({exact_score(query, rows + row * dim, dim), row});
  }
}

}  // namespace

float exact_score(const float* a, const float* b, int64_t dim) {
  return static_cast<float>(std::clamp(fixed_order_dot(a, b, dim), -1.0, 1.0));
}

bool normalise(const float* in, float* out, int64_t dim) {
  const double norm = std::sqrt(fixed_order_dot(in, in, dim));
  if (!std::isfinite(norm) || norm == 0) return false;
  for (int64_t i = 0; i < dim; ++i) out[i] = static_cast<float>(static_cast<double>(in[i]) / norm);
  return true;
}

RowSet RowSet::both(const RowSet& a, const RowSet& b) {
  RowSet out(0);
  out.bits_.resize(std::min(a.bits_.size(), b.bits_.size()));
  for (size_t i = 0; i < out.bits_.size(); ++i) {
    out.bits_[i] = a.bits_[i] & b.bits_[i];
    out.count_ += std::popcount(out.bits_[i]);
  }
  return out;
}

TopK::TopK(int64_t k) : k_(static_cast<size_t>(k)) { heap_.reserve(std::min<size_t>(k_, 4096)); }

void TopK::push(const Scored& candidate) {
  // `better` as the order makes the heap's front the worst kept candidate.
  if (heap_.size() < k_) {
    heap_.push_back(candidate);
    std::push_heap(heap_.begin(), heap_.end(), better);
  } else if (k_ > 0 && better(candidate, heap_.front())) {
    std::pop_heap(heap_.begin(), heap_.end(), better);
    heap_.back() = candidate;
    std::push_heap(heap_.begin(), heap_.end(), better);
  }
}

std::vector<Scored> TopK::sorted() && {
  std::sort_heap(heap_.begin(), heap_.end(), better);
  return std::move(heap_);
}

std::vector<Scored> exact_scan(const float* query, const float* rows, int64_t n, int64_t dim, int64_t k,
                               const RowSet* allowed, int threads) {
  constexpr int64_t kMinBlock = 8192;
  TopK all(k);
  if (threads <= 1 || n <= kMinBlock) {
    scan_block(query, rows, 0, n, dim, allowed, all);
    return std::move(all).sorted();
  }
  std::mutex mutex;
  parallel_for(
      n,
      [&](int64_t begin, int64_t end) {
        TopK mine(k);
        scan_block(query, rows, begin, end, dim, allowed, mine);
        const auto kept = std::move(mine).sorted();
        const std::lock_guard<std::mutex> lock(mutex);
        for (const auto& candidate : kept) all.push(candidate);
      },
      threads, kMinBlock);
  return std::move(all).sorted();
}

}  // namespace winnow
