#include <algorithm>
#include <cstring>

#include "src/image/resample.h"

#if defined(__x86_64__)
#include <immintrin.h>

// Compiled for AVX2 function by function, so that the library also runs where there is none.
#define WINNOW_AVX2 __attribute__((target("avx2")))

namespace winnow {
namespace {

constexpr int32_t kHalf = 1 << (kWeightBits - 1);
/// Rows that share one read of the weights.
constexpr int kBlock = 4;

WINNOW_AVX2 inline __m128i load_pixel(const uint8_t* p) {
  int32_t bytes;
  std::memcpy(&bytes, p, 4);
  return _mm_cvtepu8_epi32(_mm_cvtsi32_si128(bytes));
}

WINNOW_AVX2 inline void store_pixel(uint8_t* p, int32_t bytes) { std::memcpy(p, &bytes, 4); }

/// A load takes four bytes for a three-byte pixel, a store writes four; the next pixel overwrites the fourth.
/// @tparam kTaps  number of taps, or 0 when only known at run time
template <int kTaps>
WINNOW_AVX2 void four_rows(const uint8_t* const in[kBlock], const AxisWeights& w, uint8_t* const out[kBlock]) {
  const int taps = kTaps > 0 ? kTaps : w.taps, size = w.size();
  const int32_t* weights = w.weights.data();
  for (int x = 0; x < size; ++x, weights += taps) {
    const size_t from = static_cast<size_t>(w.first[x]) * 3, to = static_cast<size_t>(x) * 3;
    __m128i a = _mm_set1_epi32(kHalf), b = a, c = a, d = a;
    for (int k = 0; k < taps; ++k) {
      const __m128i weight = _mm_set1_epi32(weights[k]);
      const size_t at = from + static_cast<size_t>(k) * 3;
      a = _mm_add_epi32(a, _mm_mullo_epi32(load_pixel(in[0] + at), weight));
      b = _mm_add_epi32(b, _mm_mullo_epi32(load_pixel(in[1] + at), weight));
      c = _mm_add_epi32(c, _mm_mullo_epi32(load_pixel(in[2] + at), weight));
      d = _mm_add_epi32(d, _mm_mullo_epi32(load_pixel(in[3] + at), weight));
    }
    const __m128i ab = _mm_packus_epi32(_mm_srai_epi32(a, kWeightBits), _mm_srai_epi32(b, kWeightBits));
    const __m128i cd = _mm_packus_epi32(_mm_srai_epi32(c, kWeightBits), _mm_srai_epi32(d, kWeightBits));
    const __m128i all = _mm_packus_epi16(ab, cd);
    store_pixel(out[0] + to, _mm_extract_epi32(all, 0));
    store_pixel(out[1] + to, _mm_extract_epi32(all, 1));
    store_pixel(out[2] + to, _mm_extract_epi32(all, 2));
    store_pixel(out[3] + to, _mm_extract_epi32(all, 3));
  }
}

using RowKernel = void (*)(const uint8_t* const[kBlock], const AxisWeights&, uint8_t* const[kBlock]);

RowKernel row_kernel(int taps) {
  switch (taps) {
    case 2: return four_rows<2>;
    case 3: return four_rows<3>;
    case 4: return four_rows<4>;
    case 5: return four_rows<5>;
    case 6: return four_rows<6>;
    case 7: return four_rows<7>;
    default: return four_rows<0>;
  }
}

WINNOW_AVX2 void resample_rows(const RowSpan& source, const AxisWeights& w, uint8_t* destination, size_t stride) {
  const RowKernel kernel = row_kernel(w.taps);
  for (int y = 0; y < source.rows; y += kBlock) {
    const uint8_t* in[kBlock];
    uint8_t* out[kBlock];
    for (int i = 0; i < kBlock; ++i) {
      // The last block repeats its last row.
      const int row = std::min(y + i, source.rows - 1);
      in[i] = source.data + row * source.stride;
      out[i] = destination + row * stride;
    }
    kernel(in, w, out);
  }
}

WINNOW_AVX2 inline __m256i load_bytes(const uint8_t* p) {
  return _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)));
}

WINNOW_AVX2 void mix_rows(const uint8_t* source, size_t stride, int bytes, const int32_t* weights, int taps,
                          uint8_t* out) {
  int x = 0;
  for (; x + 16 <= bytes; x += 16) {
    __m256i low = _mm256_set1_epi32(kHalf), high = low;
    const uint8_t* p = source + x;
    for (int k = 0; k < taps; ++k, p += stride) {
      const __m256i weight = _mm256_set1_epi32(weights[k]);
      low = _mm256_add_epi32(low, _mm256_mullo_epi32(load_bytes(p), weight));
      high = _mm256_add_epi32(high, _mm256_mullo_epi32(load_bytes(p + 8), weight));
    }
    const __m256i words =
        _mm256_packus_epi32(_mm256_srai_epi32(low, kWeightBits), _mm256_srai_epi32(high, kWeightBits));
    const __m256i ordered = _mm256_permute4x64_epi64(words, 0xD8);
    const __m128i packed = _mm_packus_epi16(_mm256_castsi256_si128(ordered), _mm256_extracti128_si256(ordered, 1));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + x), packed);
  }
  for (; x < bytes; ++x) {
    int32_t sum = kHalf;
    for (int k = 0; k < taps; ++k) sum += source[k * stride + x] * weights[k];
    out[x] = static_cast<uint8_t>(std::clamp(sum >> kWeightBits, 0, 255));
  }
}

void resample_columns(const RowSpan& source, int row_offset, const AxisWeights& w, uint8_t* destination,
                      size_t stride) {
  for (int y = 0; y < w.size(); ++y) {
    mix_rows(source.data + (w.first[y] - row_offset) * source.stride, source.stride, source.width * 3,
             w.weights.data() + static_cast<size_t>(y) * w.taps, w.taps, destination + y * stride);
  }
}

}  // namespace

const ResamplePasses& fastest_passes() {
  static constexpr ResamplePasses kAvx2{resample_rows, resample_columns};
  static const bool supported = __builtin_cpu_supports("avx2");
  return supported ? kAvx2 : portable_passes();
}

}  // namespace winnow

#else

namespace winnow {
const ResamplePasses& fastest_passes() { return portable_passes(); }
}  // namespace winnow

#endif
