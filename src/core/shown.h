#pragma once

#include <string>
#include <string_view>

#include "src/core/text.h"

namespace winnow {

/// Bytes of a file as a message or note shows them: at most `most` bytes and "...", valid UTF-8, no control characters.
inline std::string shown(std::string_view bytes, size_t most = 80) {
  std::string out = to_valid_utf8(bytes.substr(0, most));
  for (char& c : out)
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
  return bytes.size() > most ? out + "..." : out;
}

}  // namespace winnow
