#pragma once

#include <spdlog/spdlog.h>

#include <string>

namespace winnow {

enum class LogLevel { kQuiet, kNormal, kVerbose };

/// Sets up logging to stderr (never stdout). Colour only on a terminal without NO_COLOR and TERM=dumb.
/// @param json  one JSON object a line instead of text
/// Not thread-safe; call once at program start. Without the call spdlog's defaults (to stderr) hold.
void init_logging(LogLevel level, bool json);

/// True when stderr is a terminal that may receive control sequences (honours NO_COLOR and TERM=dumb).
bool stderr_is_rich();

template <typename... Args>
void log_info(spdlog::format_string_t<Args...> format, Args&&... args) {
  spdlog::info(format, std::forward<Args>(args)...);
}
template <typename... Args>
void log_warning(spdlog::format_string_t<Args...> format, Args&&... args) {
  spdlog::warn(format, std::forward<Args>(args)...);
}
template <typename... Args>
void log_debug(spdlog::format_string_t<Args...> format, Args&&... args) {
  spdlog::debug(format, std::forward<Args>(args)...);
}

}  // namespace winnow
