#pragma once

#include <string>
#include <vector>

#include "src/report/html.h"

namespace winnow {

/// A range with the values that get a tick, ascending.
struct Axis {
  double low = 0, high = 1;
  bool log = false;
  std::vector<double> ticks;
  /// Place of a value as a share of the axis, 0 at low.
  double share(double value) const;
  std::string label(double tick) const;
};

/// Round numbers (1, 2, 5 times a power of ten) that enclose [low, high].
Axis linear_axis(double low, double high, int wanted_ticks);
/// Ticks at 1, 2, 5 (or powers of ten alone when that is enough) within [low, high], low > 0.
Axis log_axis(double low, double high);

/// The drawing area of a chart: 440 x 264 units, which the page scales.
class ChartFrame {
 public:
  ChartFrame(Axis x, Axis y) : x_(std::move(x)), y_(std::move(y)) {}
  double x(double value) const;
  double y(double value) const;
  double floor() const;
  /// "12.3,45.6" for a path.
  std::string point(double px, double py) const;
  /// Figure with caption, legend (names by series colour), grid, axes, the drawn marks.
  std::string figure(const ChartOptions& options, const std::vector<std::string>& names,
                     const std::string& marks) const;

 private:
  std::string grid() const;
  Axis x_, y_;
};

/// Attributes that give series i its colour and dash pattern.
std::string series_stroke(size_t i);
std::string series_fill(size_t i);

}  // namespace winnow
