#include "src/core/half.h"

#include <bit>
#include <cmath>
#include <string>

#ifdef __x86_64__
#include <immintrin.h>
#endif

#include "src/core/error.h"

namespace winnow {
namespace {

#ifdef __x86_64__
__attribute__((target("avx,f16c"))) void halves_to_floats_f16c(const uint16_t* halves, float* values, size_t count) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8)
    _mm256_storeu_ps(values + i, _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(halves + i))));
  detail::halves_to_floats_portable(halves + i, values + i, count - i);
}

bool has_f16c() {
  static const bool has = __builtin_cpu_supports("avx") && __builtin_cpu_supports("f16c");
  return has;
}
#endif

}  // namespace

float half_to_float(uint16_t half) {
  const uint32_t sign = uint32_t{half & 0x8000u} << 16, exponent = (half >> 10) & 31u, fraction = half & 1023u;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000u | fraction << 13);
  if (exponent == 0) {
    const float magnitude = std::ldexp(static_cast<float>(fraction), -24);
    return sign ? -magnitude : magnitude;
  }
  return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
}

uint16_t half_from_float(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value), magnitude = bits & 0x7fffffffu;
  const auto sign = static_cast<uint16_t>((bits >> 16) & 0x8000u);
  const auto signed_half = [sign](uint32_t half) { return static_cast<uint16_t>(sign | half); };
  if (magnitude > 0x7f800000u) return signed_half(0x7e00u);
  if (magnitude >= 0x477ff000u) return signed_half(0x7c00u);  // 65520: half way past the greatest
  if (magnitude < 0x38800000u)                                // below 2^-14: multiples of 2^-24
    return signed_half(static_cast<uint32_t>(std::nearbyint(std::ldexp(std::fabs(value), 24))));
  const uint32_t rest = magnitude & 0x1fffu, half = (magnitude >> 13) - (112u << 10);
  return signed_half(half + (rest > 0x1000u || (rest == 0x1000u && (half & 1u)) ? 1 : 0));
}

void halves_to_floats(std::span<const uint16_t> halves, std::span<float> values) {
  if (halves.size() != values.size())
    throw Error(ErrorCode::kShape, "[half] as many values as halves are required, " + std::to_string(halves.size()) +
                                       ", got " + std::to_string(values.size()));
#ifdef __x86_64__
  if (has_f16c()) return halves_to_floats_f16c(halves.data(), values.data(), halves.size());
#endif
  detail::halves_to_floats_portable(halves.data(), values.data(), halves.size());
}

void detail::halves_to_floats_portable(const uint16_t* halves, float* values, size_t count) {
  for (size_t i = 0; i < count; ++i) values[i] = half_to_float(halves[i]);
}

}  // namespace winnow
