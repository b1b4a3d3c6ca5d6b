#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/evaluation/score_kernel.h"

namespace winnow {

/// By vector of the gallery, kPanel for each panel: scale (NaN behind the last vector, so that none is found there),
/// norm, and norm of what 8 bits leave out; both rounded up.
struct ByteColumns {
  const float *scale, *norm, *rest;
};

/// A vector is found when scale * (sum - offset) + by_norm * norm + by_rest * rest >= least.
struct ByteLimits {
  int32_t offset;  ///< 128 times the sum of the query's bytes
  float by_norm, by_rest, least;
};

/// A sieve for inner products: rows in 8 bits each with its own scale, and how far that can lie from the truth. With
/// q = scale * bytes, |<a, b> - <qa, qb>| <= |a - qa| |b| + |qa| |b - qb| (Cauchy-Schwarz), so a pair whose sieved
/// score plus that bound is under a threshold is under it for certain; the others are scored exactly. Four products of
/// bytes take the time of one of floats.
struct ByteSieve {
  int rows;  ///< queries a call
  /// Positions of vectors that may reach a query's threshold: for query m the `counts[m]` first of found[m * stride
  /// ..].
  /// @param queries  [quads][rows] words of four signed bytes; gallery [panels][quads][kPanel][4] bytes plus 128
  /// @param limits   [rows] what a query asks for, see ByteQueries
  void (*find)(const uint32_t* queries, const uint8_t* gallery, int64_t quads, int64_t panels,
               const ByteColumns& columns, const ByteLimits* limits, uint16_t* found, int64_t stride, uint32_t* counts);
};

/// The sieve of this CPU, or null where it has no 8-bit products (AVX-512 VNNI).
const ByteSieve* byte_sieve();

/// Gallery vectors as the sieve reads them. Thread-safe once packed.
class ByteGallery {
 public:
  /// Room for `rows` vectors of `dim`; fill with pack().
  void resize(int64_t rows, int64_t dim);
  /// Packs vectors [first, first + n) of the gallery's rows; first is a multiple of kPanel, n too unless it ends there.
  void pack(const float* vectors, int64_t first, int64_t n);
  const uint8_t* panel(int64_t row) const { return bytes_.data() + row * quads_ * 4; }
  ByteColumns columns(int64_t row) const { return {scale_.data() + row, norm_.data() + row, rest_.data() + row}; }
  int64_t quads() const { return quads_; }
  static uint64_t bytes(int64_t rows, int64_t dim);

 private:
  void pack_row(const float* vector, int64_t row);
  int64_t dim_ = 0, quads_ = 0;
  std::vector<uint8_t> bytes_;
  std::vector<float> scale_, norm_, rest_;
};

/// Some queries as the sieve reads them.
class ByteQueries {
 public:
  /// @param rows  query i is vectors + rows[i] * dim
  void pack(const float* vectors, std::span<const int64_t> rows, int64_t dim, int per_call);
  const uint32_t* call(size_t index) const { return words_.data() + index * per_call_ * quads_; }
  /// What query i asks for when only scores of at least `threshold` matter.
  ByteLimits limits(size_t i, float threshold) const;

 private:
  struct Query {
    int32_t offset;
    float scale, norm, rest;
  };
  size_t per_call_ = 0, quads_ = 0;
  double slack_ = 0;
  std::vector<uint32_t> words_;
  std::vector<Query> queries_;
};

}  // namespace winnow
