#include <immintrin.h>

#include "src/evaluation/byte_rows.h"

namespace winnow {
namespace {

constexpr int kRows = 14;

/// Appends the positions base + j of the set bits j.
inline uint32_t append(uint16_t* out, uint32_t count, __mmask16 mask, int64_t base) {
  const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m512i places = _mm512_add_epi32(lanes, _mm512_set1_epi32(static_cast<int>(base)));
  const __m256i packed = _mm512_cvtepi32_epi16(_mm512_maskz_compress_epi32(mask, places));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + count), packed);
  return count + static_cast<uint32_t>(__builtin_popcount(mask));
}

void find(const uint32_t* queries, const uint8_t* gallery, int64_t quads, int64_t panels, const ByteColumns& columns,
          const ByteLimits* limits, uint16_t* found, int64_t stride, uint32_t* counts) {
  for (int m = 0; m < kRows; ++m) counts[m] = 0;
  for (int64_t p = 0; p < panels; ++p) {
    __m512i sum[kRows];
#pragma GCC unroll 16
    for (int m = 0; m < kRows; ++m) sum[m] = _mm512_setzero_si512();
    const uint8_t* panel = gallery + p * quads * kPanel * 4;
    for (int64_t k = 0; k < quads; ++k) {
      const __m512i column = _mm512_loadu_si512(panel + k * kPanel * 4);
#pragma GCC unroll 16
      for (int m = 0; m < kRows; ++m)
        sum[m] = _mm512_dpbusd_epi32(sum[m], column, _mm512_set1_epi32(static_cast<int>(queries[k * kRows + m])));
    }
    const __m512 scale = _mm512_loadu_ps(columns.scale + p * kPanel), norm = _mm512_loadu_ps(columns.norm + p * kPanel),
                 rest = _mm512_loadu_ps(columns.rest + p * kPanel);
#pragma GCC unroll 16
    for (int m = 0; m < kRows; ++m) {
      const ByteLimits& l = limits[m];
      const __m512 whole = _mm512_cvtepi32_ps(_mm512_sub_epi32(sum[m], _mm512_set1_epi32(l.offset)));
      const __m512 error =
          _mm512_fmadd_ps(_mm512_set1_ps(l.by_norm), norm, _mm512_mul_ps(_mm512_set1_ps(l.by_rest), rest));
      const __mmask16 mask =
          _mm512_cmp_ps_mask(_mm512_fmadd_ps(whole, scale, error), _mm512_set1_ps(l.least), _CMP_GE_OQ);
      if (mask) counts[m] = append(found + m * stride, counts[m], mask, p * kPanel);
    }
  }
}

}  // namespace

extern const ByteSieve kVnniSieve;
const ByteSieve kVnniSieve = {kRows, find};

}  // namespace winnow
