#pragma once

#include <initializer_list>
#include <sstream>
#include <string>
#include <string_view>

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
enum class Severity { kDebug, kInfo, kWarning };
/// Puts each part in the place of the next `{}` and logs the line; thread-safe.
void log_line(Severity severity, std::string_view format, std::initializer_list<std::string> parts);
/// Told by Progress: while a status line stands on the terminal, log lines first erase it.
void set_status_line(bool on_screen);

template <typename T>
std::string log_part(const T& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}
}  // namespace detail

// `{}` stands for the next argument, printed with operator<<. spdlog and fmt stay out of this header: LibTorch ships
// an fmt of another version in its include path.
template <typename... Args>
void log_info(std::string_view format, const Args&... args) {
  detail::log_line(detail::Severity::kInfo, format, {detail::log_part(args)...});
}
template <typename... Args>
void log_warning(std::string_view format, const Args&... args) {
  detail::log_line(detail::Severity::kWarning, format, {detail::log_part(args)...});
}
template <typename... Args>
void log_debug(std::string_view format, const Args&... args) {
  detail::log_line(detail::Severity::kDebug, format, {detail::log_part(args)...});
}

}  // namespace winnow
