#include "src/core/log.h"

#include <spdlog/formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>

namespace winnow {
namespace {

std::atomic<LogLevel> g_level{LogLevel::kNormal};
std::atomic<bool> g_status_line{false};

void append(spdlog::memory_buf_t& out, std::string_view text) { out.append(text.data(), text.data() + text.size()); }

const char* level_word(spdlog::level::level_enum level) {
  if (level >= spdlog::level::err) return "error";
  if (level == spdlog::level::warn) return "warning";
  return level == spdlog::level::info ? "info" : "debug";
}

/// `message`, or `warning: message` with the level word coloured by the sink.
class TextFormatter : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& msg, spdlog::memory_buf_t& out) override {
    if (g_status_line.exchange(false)) append(out, "\r\033[K");
    if (msg.level != spdlog::level::info) {
      msg.color_range_start = out.size();
      append(out, level_word(msg.level));
      msg.color_range_end = out.size();
      append(out, ": ");
    }
    append(out, {msg.payload.data(), msg.payload.size()});
    append(out, "\n");
  }
  std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<TextFormatter>(); }
};

class JsonFormatter : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& msg, spdlog::memory_buf_t& out) override {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(msg.time);
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    char time[32];
    std::strftime(time, sizeof time, "%Y-%m-%dT%H:%M:%SZ", &utc);
    nlohmann::ordered_json line;
    line["time"] = time;
    line["level"] = level_word(msg.level);
    line["message"] = std::string(msg.payload.data(), msg.payload.size());
    // Messages carry file names, which need not be UTF-8.
    append(out, line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    append(out, "\n");
  }
  std::unique_ptr<spdlog::formatter> clone() const override { return std::make_unique<JsonFormatter>(); }
};

std::shared_ptr<spdlog::logger> make_logger(LogLevel level, bool json) {
  const auto mode = !json && stderr_is_rich() ? spdlog::color_mode::always : spdlog::color_mode::never;
  auto sink = std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>(mode);
  auto logger = std::make_shared<spdlog::logger>("winnow", sink);
  if (json)
    logger->set_formatter(std::make_unique<JsonFormatter>());
  else
    logger->set_formatter(std::make_unique<TextFormatter>());
  logger->set_level(level == LogLevel::kQuiet     ? spdlog::level::warn
                    : level == LogLevel::kVerbose ? spdlog::level::debug
                                                  : spdlog::level::info);
  logger->flush_on(spdlog::level::trace);
  return logger;
}

std::shared_ptr<spdlog::logger>& instance() {
  static std::shared_ptr<spdlog::logger> logger = make_logger(LogLevel::kNormal, false);
  return logger;
}

}  // namespace

void init_logging(LogLevel level, bool json) {
  g_level = level;
  instance() = make_logger(level, json);
  spdlog::set_default_logger(instance());
}

LogLevel log_level() { return g_level; }

bool stderr_is_rich() {
  const char* no_color = std::getenv("NO_COLOR");
  if (no_color && *no_color) return false;
  const char* term = std::getenv("TERM");
  if (!term || std::string_view(term) == "dumb") return false;
  return isatty(STDERR_FILENO) == 1;
}

namespace detail {

void log_line(Severity severity, std::string_view format, std::initializer_list<std::string> parts) {
  std::string line;
  auto part = parts.begin();
  for (size_t at = 0; at < format.size();) {
    const size_t hole = part == parts.end() ? std::string_view::npos : format.find("{}", at);
    line += format.substr(at, hole == std::string_view::npos ? hole : hole - at);
    if (hole == std::string_view::npos) break;
    line += *part++;
    at = hole + 2;
  }
  const auto level = severity == Severity::kDebug  ? spdlog::level::debug
                     : severity == Severity::kInfo ? spdlog::level::info
                                                   : spdlog::level::warn;
  instance()->log(level, spdlog::string_view_t(line.data(), line.size()));
}

void set_status_line(bool on_screen) { g_status_line = on_screen; }

}  // namespace detail

}  // namespace winnow
