#include <cstdlib>

#include "data/dataset.h"
#include "src/core/error.h"

namespace winnow {

std::string expand_environment(const std::string& text) {
  std::string out;
  size_t at = 0;
  while (true) {
    const size_t open = text.find("${", at);
    out += text.substr(at, open == std::string::npos ? open : open - at);
    if (open == std::string::npos) return out;
    const size_t close = text.find('}', open);
    if (close == std::string::npos)
      throw Error(ErrorCode::kConfig, "[data] ${NAME} needs its closing brace, got '" + text + "'");
    const std::string inside = text.substr(open + 2, close - open - 2);
    const size_t fallback = inside.find(":-");
    const std::string name = inside.substr(0, fallback);
    // As in a shell, ":-" also replaces a value that is set but empty.
    const char* value = name.empty() ? nullptr : std::getenv(name.c_str());
    if (value && (*value || fallback == std::string::npos)) {
      out += value;
    } else if (fallback != std::string::npos && !name.empty()) {
      out += inside.substr(fallback + 2);
    } else {
      throw Error(ErrorCode::kConfig, "[data] the environment variable " + (name.empty() ? "with no name" : name) +
                                          " of '" + text + "' must be set, it is not (default: ${NAME:-value})");
    }
    at = close + 1;
  }
}

}  // namespace winnow
