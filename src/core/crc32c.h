#pragma once

#include <cstdint>
#include <string_view>

namespace winnow {

/// CRC-32C (Castagnoli), RFC 3720 B.4.
uint32_t crc32c(std::string_view bytes);
/// rotr(crc, 15) + 0xa282ead8, as TFRecord and TensorBoard event files store it.
uint32_t masked_crc32c(std::string_view bytes);

}  // namespace winnow
