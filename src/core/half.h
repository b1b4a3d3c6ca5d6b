#pragma once

#include <cstdint>
#include <span>

namespace winnow {

/// IEEE 754 binary16 to float32, exactly; subnormals, infinities and NaNs included.
float half_to_float(uint16_t half);
/// The nearest binary16, ties to even; from 65520 on infinity.
uint16_t half_from_float(float value);

/// values[i] = half_to_float(halves[i]), by F16C instructions where the processor has them: the same bits either way
/// (only the payload of a signalling NaN may differ).
/// @throws Error(kShape) when the sizes differ
void halves_to_floats(std::span<const uint16_t> halves, std::span<float> values);

namespace detail {
/// The processor-independent conversion, so that a test can hold it against the one halves_to_floats chose.
void halves_to_floats_portable(const uint16_t* halves, float* values, size_t count);
}  // namespace detail

}  // namespace winnow
