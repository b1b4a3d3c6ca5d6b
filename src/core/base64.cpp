#include "src/core/base64.h"

#include <cstdint>

#include "src/core/error.h"

namespace winnow {
namespace {

/// Value of a character, -1 for one outside the alphabet.
int sextet(char c, Base64 form) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  const bool loose = form == Base64::kLoose;
  if (c == '+' || (loose && c == '-')) return 62;
  return c == '/' || (loose && c == '_') ? 63 : -1;
}

}  // namespace

std::string decode_base64(std::string_view text, const std::string& where, Base64 form) {
  const auto refuse = [&](const std::string& what) {
    throw Error(ErrorCode::kData, where + ": base64 is required, " + what);
  };
  if (form == Base64::kStrict && text.size() % 4 != 0)
    refuse("got " + std::to_string(text.size()) + " characters, which is no multiple of four");
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  const size_t digits = text.size() - padding;
  if (digits % 4 == 1 || (padding > 0 && text.size() % 4 != 0)) refuse("it ends inside a group of four characters");
  std::string out;
  out.reserve(digits / 4 * 3 + 2);
  uint32_t bits = 0;
  for (size_t at = 0; at < digits; ++at) {
    const int value = sextet(text[at], form);
    if (value < 0) refuse("another character stands at " + std::to_string(at));
    bits = bits << 6 | static_cast<uint32_t>(value);
    if (at % 4 != 0) out.push_back(static_cast<char>(bits >> (6 - 2 * (at % 4)) & 0xFF));
  }
  return out;
}

std::string encode_base64(std::span<const std::byte> bytes) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t k = 0; k < 3; ++k) group = group << 8 | (i + k < bytes.size() ? static_cast<uint8_t>(bytes[i + k]) : 0);
    for (size_t k = 0; k < 4; ++k) text += i + k <= bytes.size() ? kDigits[group >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

}  // namespace winnow
