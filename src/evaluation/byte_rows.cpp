#include "src/evaluation/byte_rows.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace winnow {
namespace {

constexpr float kMostByte = 127.0f;

/// Rounded up by more than float32 can have lost.
float upper(double value) { return static_cast<float>(value * (1 + 1e-6)); }

struct Quantised {
  float scale, norm, rest;
  int32_t sum;
};

/// Signed bytes of a row; bytes[dim ..] of its last word are left as they are.
Quantised quantise(const float* vector, int64_t dim, int8_t* bytes) {
  float most = 0;
  for (int64_t k = 0; k < dim; ++k) most = std::max(most, std::fabs(vector[k]));
  Quantised out{most / kMostByte, 0, 0, 0};
  const float inverse = out.scale > 0 ? 1 / out.scale : 0;
  double norm = 0, rest = 0;
  for (int64_t k = 0; k < dim; ++k) {
    const float rounded = std::clamp(std::nearbyint(vector[k] * inverse), -kMostByte, kMostByte);
    bytes[k] = static_cast<int8_t>(rounded);
    out.sum += bytes[k];
    const double left = static_cast<double>(vector[k]) - static_cast<double>(out.scale) * bytes[k];
    norm += static_cast<double>(vector[k]) * vector[k];
    rest += left * left;
  }
  out.norm = upper(std::sqrt(norm));
  out.rest = upper(std::sqrt(rest));
  return out;
}

}  // namespace

#ifdef __x86_64__
extern const ByteSieve kVnniSieve;
#endif

const ByteSieve* byte_sieve() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512vnni"))
    return &kVnniSieve;
#endif
  return nullptr;
}

uint64_t ByteGallery::bytes(int64_t rows, int64_t dim) {
  return static_cast<uint64_t>(rows + kPanel) * static_cast<uint64_t>((dim + 3) / 4 * 4 + 12);
}

void ByteGallery::resize(int64_t rows, int64_t dim) {
  dim_ = dim;
  quads_ = (dim + 3) / 4;
  const auto padded = static_cast<size_t>((rows + kPanel - 1) / kPanel * kPanel);
  bytes_.resize(padded * static_cast<size_t>(quads_) * 4);
  scale_.resize(padded);
  norm_.resize(padded);
  rest_.resize(padded);
}

void ByteGallery::pack(const float* vectors, int64_t first, int64_t n) {
  const int64_t end = first + n, padded = (end + kPanel - 1) / kPanel * kPanel;
  for (int64_t row = first; row < end; ++row) pack_row(vectors + (row - first) * dim_, row);
  for (int64_t row = end; row < padded; ++row) {
    scale_[static_cast<size_t>(row)] = std::numeric_limits<float>::quiet_NaN();
    norm_[static_cast<size_t>(row)] = rest_[static_cast<size_t>(row)] = 0;
  }
}

void ByteGallery::pack_row(const float* vector, int64_t row) {
  std::vector<int8_t> signed_bytes(static_cast<size_t>(quads_) * 4);
  const Quantised q = quantise(vector, dim_, signed_bytes.data());
  scale_[static_cast<size_t>(row)] = q.scale;
  norm_[static_cast<size_t>(row)] = q.norm;
  rest_[static_cast<size_t>(row)] = q.rest;
  uint8_t* out = bytes_.data() + row / kPanel * kPanel * quads_ * 4 + row % kPanel * 4;
  for (int64_t quad = 0; quad < quads_; ++quad)
    for (int64_t j = 0; j < 4; ++j) out[quad * kPanel * 4 + j] = static_cast<uint8_t>(signed_bytes[quad * 4 + j] + 128);
}

void ByteQueries::pack(const float* vectors, std::span<const int64_t> rows, int64_t dim, int per_call) {
  per_call_ = static_cast<size_t>(per_call);
  quads_ = static_cast<size_t>((dim + 3) / 4);
  // Rounding of the exact score's own float32 products, relative to the product of the norms.
  slack_ = static_cast<double>(dim + 16) * std::numeric_limits<float>::epsilon();
  words_.assign((rows.size() + per_call_ - 1) / per_call_ * per_call_ * quads_, 0);
  queries_.resize(rows.size());
  std::vector<int8_t> bytes(quads_ * 4);
  for (size_t i = 0; i < rows.size(); ++i) {
    const Quantised q = quantise(vectors + rows[i] * dim, dim, bytes.data());
    queries_[i] = {128 * q.sum, q.scale, q.norm, q.rest};
    uint32_t* out = words_.data() + i / per_call_ * per_call_ * quads_ + i % per_call_;
    for (size_t quad = 0; quad < quads_; ++quad) std::memcpy(out + quad * per_call_, bytes.data() + quad * 4, 4);
  }
}

ByteLimits ByteQueries::limits(size_t i, float threshold) const {
  const Query& q = queries_[i];
  if (q.scale == 0) return {0, 0, 0, threshold <= 0 ? -1.0f : 1.0f};  // every score is 0
  const double scale = q.scale;
  return {q.offset, upper((q.rest + slack_ * q.norm) / scale), upper((static_cast<double>(q.norm) + q.rest) / scale),
          static_cast<float>(threshold / scale) - std::fabs(static_cast<float>(threshold / scale)) * 1e-6f};
}

}  // namespace winnow
