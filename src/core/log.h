#pragma once

#include <spdlog/spdlog.h>

#include <string>
#include <utility>

namespace winnow {

enum class LogLevel { kQuiet, kNormal, kVerbose };

/// Sets up logging to stderr (never stdout). Colour only on a terminal without NO_COLOR and TERM=dumb.
/// @param level  kQuiet shows warnings and errors only, kVerbose adds debug lines
/// @param json   one JSON object a line instead of text: {"time", "level", "message"}
/// Not thread-safe; call once at program start. Without the call text at LogLevel::kNormal goes to stderr.
void init_logging(LogLevel level, bool json);

/// The level of the last init_logging(); kNormal before it.
LogLevel log_level();

/// True when stderr is a terminal that may receive control sequences (honours NO_COLOR and TERM=dumb).
bool stderr_is_rich();

namespace detail {
/// The process's logger; thread-safe. spdlog's own default would write to stdout.
spdlog::logger& logger();
/// Told by Progress: while a status line stands on the terminal, log lines first erase it.
void set_status_line(bool on_screen);
}  // namespace detail

template <typename... Args>
void log_info(spdlog::format_string_t<Args...> format, Args&&... args) {
  detail::logger().info(format, std::forward<Args>(args)...);
}
template <typename... Args>
void log_warning(spdlog::format_string_t<Args...> format, Args&&... args) {
  detail::logger().warn(format, std::forward<Args>(args)...);
}
template <typename... Args>
void log_debug(spdlog::format_string_t<Args...> format, Args&&... args) {
  detail::logger().debug(format, std::forward<Args>(args)...);
}

}  // namespace winnow
