#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace winnow {

/// One status line on stderr with count, rate and ETA: redrawn in place on a terminal, a plain line every
/// 10 s otherwise, silent with LogLevel::kQuiet. Thread-safe.
class Progress {
 public:
  /// @param label  what is done, e.g. "embed"
  /// @param total  number of units; 0 = unknown
  /// @param unit   plural name of a unit, e.g. "images"
  Progress(std::string label, int64_t total, std::string unit = "items");
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void add(int64_t n = 1);
  /// Text appended to the line, e.g. "loss 2.31".
  void note(std::string text);
  /// Prints the last line; called by the destructor when not called before.
  void finish();

  double seconds() const;

 private:
  void draw(bool last);

  std::string label_, unit_, note_;
  int64_t total_, done_ = 0;
  bool rich_, finished_ = false;
  std::chrono::steady_clock::time_point start_, drawn_;
  mutable std::mutex mutex_;
};

/// "3 s", "2 min 05 s", "1 h 12 min".
std::string format_duration(double seconds);

}  // namespace winnow
