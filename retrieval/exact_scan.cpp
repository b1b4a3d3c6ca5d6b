#include "retrieval/exact_scan.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <mutex>

#ifdef __x86_64__
#include <immintrin.h>
#endif

#include "src/core/parallel.h"

namespace winnow {
namespace {

constexpr int kLanes = 8;

/// Adds what is left from `i` on and the lanes. `lane` holds the sums before `i`.
double finish(const float* a, const float* b, int64_t i, int64_t dim, double* lane) {
  for (int j = 0; i < dim; ++i, ++j) lane[j] += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

using Dot = double (*)(const float*, const float*, int64_t);

double dot_generic(const float* a, const float* b, int64_t dim) {
  double lane[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= dim; i += kLanes) {
    for (int j = 0; j < kLanes; ++j) lane[j] += static_cast<double>(a[i + j]) * static_cast<double>(b[i + j]);
  }
  return finish(a, b, i, dim, lane);
}

#ifdef __x86_64__
__attribute__((target("avx2"))) double dot_avx2(const float* a, const float* b, int64_t dim) {
  __m256d sum[2] = {_mm256_setzero_pd(), _mm256_setzero_pd()};
  int64_t i = 0;
  for (; i + kLanes <= dim; i += kLanes) {
    for (int j = 0; j < 2; ++j) {
      const __m256d x = _mm256_cvtps_pd(_mm_loadu_ps(a + i + 4 * j));
      sum[j] = _mm256_add_pd(sum[j], _mm256_mul_pd(x, _mm256_cvtps_pd(_mm_loadu_ps(b + i + 4 * j))));
    }
  }
  double lane[kLanes];
  _mm256_storeu_pd(lane, sum[0]);
  _mm256_storeu_pd(lane + 4, sum[1]);
  return finish(a, b, i, dim, lane);
}

__attribute__((target("avx512f"))) double dot_avx512(const float* a, const float* b, int64_t dim) {
  constexpr __mmask8 kAll = 0xff;  // the forms without a mask start from an undefined value, of which GCC 12 warns
  __m512d sum = _mm512_setzero_pd();
  int64_t i = 0;
  for (; i + kLanes <= dim; i += kLanes) {
    const __m512d x = _mm512_maskz_cvtps_pd(kAll, _mm256_loadu_ps(a + i));
    sum = _mm512_fmadd_pd(x, _mm512_maskz_cvtps_pd(kAll, _mm256_loadu_ps(b + i)), sum);
  }
  double lane[kLanes];
  _mm512_storeu_pd(lane, sum);
  return finish(a, b, i, dim, lane);
}
#endif

/// The same bits from each: a lane is one running sum, and products of floats are exact in double.
Dot best_dot() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f")) return dot_avx512;
  if (__builtin_cpu_supports("avx2")) return dot_avx2;
#endif
  return dot_generic;
}

double fixed_order_dot(const float* a, const float* b, int64_t dim) {
  static const Dot best = best_dot();
  return best(a, b, dim);
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
