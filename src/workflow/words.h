#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

#include "src/core/tables.h"

namespace winnow {

/// A value of `words`: text, a whole number, or a number with its decimals. (LibTorch brings headers of another fmt
/// than the one installed, so fmt is no choice in rooms that see LibTorch.)
struct Word {
  std::string text;
  Word(std::string value) : text(std::move(value)) {}
  Word(const char* value) : text(value) {}
  Word(std::integral auto value) : text(std::to_string(value)) {}
  Word(double value, int decimals) : text(format_number(value, decimals)) {}
};

/// The sentence with each {} replaced by the next value; values beyond the last {} are an error of the caller and left
/// out.
inline std::string words(std::string_view sentence, std::initializer_list<Word> values) {
  std::string out;
  for (const auto& value : values) {
    const size_t at = sentence.find("{}");
    if (at == std::string_view::npos) break;
    out += std::string(sentence.substr(0, at)) + value.text;
    sentence.remove_prefix(at + 2);
  }
  return out + std::string(sentence);
}

}  // namespace winnow
