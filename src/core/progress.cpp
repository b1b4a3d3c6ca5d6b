#include "src/core/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "src/core/log.h"
#include "src/core/tables.h"

namespace winnow {
namespace {

constexpr double kRedrawSeconds = 0.1;
constexpr double kPlainSeconds = 10.0;

std::string format_rate(double rate) { return format_number(rate, rate >= 100 ? 0 : rate >= 10 ? 1 : 2); }

size_t terminal_columns() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1) return size.ws_col;
  return 80;
}

double seconds_between(std::chrono::steady_clock::time_point from, std::chrono::steady_clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace

Progress::Progress(std::string label, int64_t total, std::string unit)
    : label_(std::move(label)),
      unit_(std::move(unit)),
      total_(total),
      rich_(stderr_is_rich()),
      start_(std::chrono::steady_clock::now()),
      drawn_(start_) {}

Progress::~Progress() { finish(); }

void Progress::add(int64_t n) {
  const std::lock_guard lock(mutex_);
  done_ += n;
  const auto now = std::chrono::steady_clock::now();
  if (finished_ || seconds_between(drawn_, now) < (rich_ ? kRedrawSeconds : kPlainSeconds)) return;
  drawn_ = now;
  draw(false);
}

void Progress::note(std::string text) {
  const std::lock_guard lock(mutex_);
  note_ = std::move(text);
}

void Progress::finish() {
  const std::lock_guard lock(mutex_);
  if (finished_) return;
  finished_ = true;
  draw(true);
}

double Progress::seconds() const { return seconds_between(start_, std::chrono::steady_clock::now()); }

void Progress::draw(bool last) {
  if (log_level() == LogLevel::kQuiet) return;
  const double elapsed = seconds();
  const double rate = elapsed > 0 ? static_cast<double>(done_) / elapsed : 0.0;
  std::string line = label_ + ": " + std::to_string(done_);
  if (total_ > 0) line += "/" + std::to_string(total_);
  line += " " + unit_;
  if (total_ > 0 && !last) line += " (" + std::to_string(done_ * 100 / total_) + "%)";
  line += ", " + format_rate(rate) + " " + unit_ + "/s, ";
  if (!last && total_ > done_ && rate > 0)
    line += format_duration(static_cast<double>(total_ - done_) / rate) + " left";
  else
    line += format_duration(elapsed);
  if (!note_.empty()) line += ", " + note_;

  if (!rich_) {
    std::fprintf(stderr, "%s\n", line.c_str());
    return;
  }
  // A line that wraps could not be redrawn in place.
  const size_t columns = terminal_columns() - 1;
  if (line.size() > columns) line.resize(columns);
  std::fprintf(stderr, "\r\033[K%s%s", line.c_str(), last ? "\n" : "");
  std::fflush(stderr);
  detail::set_status_line(!last);
}

std::string format_duration(double seconds) {
  if (!(seconds > 0)) seconds = 0;
  if (seconds < 9.95) return format_number(seconds, seconds < 0.995 ? 2 : 1) + " s";
  // Beyond 1e9 s an estimate says nothing, and the cast below would overflow.
  const auto whole = static_cast<int64_t>(std::llround(std::min(seconds, 1e9)));
  if (whole < 60) return std::to_string(whole) + " s";
  const auto two = [](int64_t value) { return (value < 10 ? "0" : "") + std::to_string(value); };
  if (whole < 3600) return std::to_string(whole / 60) + " min " + two(whole % 60) + " s";
  return std::to_string(whole / 3600) + " h " + two(whole % 3600 / 60) + " min";
}

}  // namespace winnow
