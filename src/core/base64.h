#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace winnow {

enum class Base64 {
  kStrict,  ///< RFC 4648: + and /, padded to groups of four
  kLoose    ///< the URL alphabet (- and _) too, padding may be missing
};

/// The bytes of a base64 text; white space is refused in both forms. Allocates no more than the text.
/// @param where  opens the message. @throws Error(kData) `WHERE: base64 is required, ... at character N`
std::string decode_base64(std::string_view text, const std::string& where, Base64 form = Base64::kStrict);

/// The strict form of the bytes (RFC 4648, section 4).
std::string encode_base64(std::span<const std::byte> bytes);

}  // namespace winnow
