#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "src/core/tables.h"
#include "src/report/chart_axis.h"
#include "src/report/html.h"
#include "src/report/text_format.h"

namespace winnow {
namespace {

constexpr size_t kMostMarkers = 40;

struct Range {
  double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();
  void add(double v) {
    if (!std::isfinite(v)) return;
    low = std::min(low, v);
    high = std::max(high, v);
  }
  bool empty() const { return low > high; }
};

/// Straight pieces between neighbouring finite points.
std::string polyline(const ChartFrame& frame, const std::vector<std::pair<double, double>>& points) {
  std::string path;
  bool pen_down = false;
  for (const auto& [px, py] : points) {
    if (!std::isfinite(py)) {
      pen_down = false;
      continue;
    }
    path += (pen_down ? "L" : "M") + frame.point(frame.x(px), frame.y(py));
    pen_down = true;
  }
  return path;
}

std::string band_path(const ChartFrame& frame, const Series& s) {
  std::string path;
  for (size_t i = 0; i < s.band.size(); ++i)
    path += (i ? "L" : "M") + frame.point(frame.x(s.points[i].first), frame.y(s.band[i].second));
  for (size_t i = s.band.size(); i-- > 0;)
    path += "L" + frame.point(frame.x(s.points[i].first), frame.y(s.band[i].first));
  return path + "Z";
}

std::string draw_series(const ChartFrame& frame, const Series& s, size_t i, const ChartOptions& options) {
  std::string out;
  if (!s.band.empty() && s.band.size() == s.points.size())
    out += "<path class=\"band\" d=\"" + band_path(frame, s) + "\"" + series_fill(i) + "/>";
  out += "<path class=\"line\" d=\"" + polyline(frame, s.points) + "\"" + series_stroke(i) + "><title>" +
         html_text(s.name) + "</title></path>";
  if (s.points.size() > kMostMarkers) return out;
  for (const auto& [px, py] : s.points) {
    if (!std::isfinite(py)) continue;
    out += "<circle r=\"2.6\" cx=\"" + format_short(frame.x(px)) + "\" cy=\"" + format_short(frame.y(py)) + "\"" +
           series_fill(i) + "><title>" + html_text(s.name) + ": " + format_short(py) + " at " +
           html_text(options.x_label) + " " + format_short(px) + "</title></circle>";
  }
  return out;
}

/// A staircase over the bins [begin, end).
std::string stairs(const ChartFrame& frame, const std::vector<double>& shares, size_t begin, size_t end, double low,
                   double width, bool closed) {
  std::string path = closed ? "M" + frame.point(frame.x(low + width * static_cast<double>(begin)), frame.floor()) : "";
  for (size_t b = begin; b < end; ++b) {
    const double left = frame.x(low + width * static_cast<double>(b)), top = frame.y(shares[b]);
    path += (path.empty() ? "M" : "L") + frame.point(left, top);
    path += "L" + frame.point(frame.x(low + width * static_cast<double>(b + 1)), top);
  }
  if (closed) path += "L" + frame.point(frame.x(low + width * static_cast<double>(end)), frame.floor()) + "Z";
  return path;
}

/// With the ends of the axis in values and in units of the drawing, by which a script can move it.
std::string mark_line(const ChartFrame& frame, const Axis& axis, double value) {
  const std::string at = format_number(frame.x(std::clamp(value, axis.low, axis.high)), 1);
  const auto data = [](const char* name, double v) {
    return std::string(" data-") + name + "=\"" + format_number(v, 4) + "\"";
  };
  return "<line class=\"mark\" x1=\"" + at + "\" x2=\"" + at + "\" y1=\"26\" y2=\"" + format_number(frame.floor(), 1) +
         "\"" + data("low", axis.low) + data("high", axis.high) + data("left", frame.x(axis.low)) +
         data("right", frame.x(axis.high)) + "><title>threshold</title></line>";
}

std::vector<double> shares_of(const std::vector<int64_t>& counts) {
  const auto total = static_cast<double>(std::accumulate(counts.begin(), counts.end(), int64_t{0}));
  std::vector<double> out;
  for (const int64_t c : counts) out.push_back(total > 0 ? static_cast<double>(c) / total : 0.0);
  return out;
}

}  // namespace

std::string line_chart(const std::vector<Series>& series, const ChartOptions& options) {
  Range xs, ys;
  std::vector<std::string> names;
  for (const auto& s : series) {
    names.push_back(s.name);
    for (const auto& [px, py] : s.points) {
      xs.add(px);
      ys.add(py);
    }
    for (const auto& [low, high] : s.band) {
      ys.add(low);
      ys.add(high);
    }
  }
  if (xs.empty() || ys.empty())
    return "<figure class=\"chart\"><figcaption>" + html_text(options.title) +
           "</figcaption><p>Nothing was measured.</p></figure>\n";
  const bool fixed = options.y_min != options.y_max;
  const Axis y = fixed ? linear_axis(options.y_min, options.y_max, 5) : linear_axis(ys.low, ys.high, 5);
  Axis x = options.log_x ? log_axis(xs.low, xs.high) : linear_axis(xs.low, xs.high, 6);
  if (!options.log_x && xs.high > xs.low) {  // the line fills the width; ticks stay round
    x.low = xs.low;
    x.high = xs.high;
    std::erase_if(x.ticks, [&](double t) { return t < xs.low - 1e-9 || t > xs.high + 1e-9; });
  }
  const ChartFrame frame(x, y);
  std::string marks;
  for (size_t i = 0; i < series.size(); ++i) marks += draw_series(frame, series[i], i, options);
  return frame.figure(options, names, marks);
}

std::string histogram_chart(const std::vector<int64_t>& positive, const std::vector<int64_t>& negative, double low,
                            double high, const ChartOptions& options) {
  const size_t bins = std::min(positive.size(), negative.size());
  size_t begin = 0, end = bins;
  const auto empty = [&](size_t b) { return positive[b] == 0 && negative[b] == 0; };
  while (begin < end && empty(begin)) ++begin;
  while (end > begin && empty(end - 1)) --end;
  if (begin == end) return line_chart({}, options);
  const double width = (high - low) / static_cast<double>(bins);
  const std::vector<double> shares[] = {shares_of(positive), shares_of(negative)};
  double top = 0;
  for (const auto& s : shares) top = std::max(top, *std::max_element(s.begin(), s.end()));
  Axis x = linear_axis(low + width * static_cast<double>(begin), low + width * static_cast<double>(end), 6);
  const ChartFrame frame(x, linear_axis(0, top, 4));
  const std::vector<std::string> names = {options.positives, options.negatives};
  std::string marks;
  for (size_t i = 0; i < 2; ++i) {
    marks += "<path class=\"area\" d=\"" + stairs(frame, shares[i], begin, end, low, width, true) + "\"" +
             series_fill(i) + "/>";
    marks += "<path class=\"line\" d=\"" + stairs(frame, shares[i], begin, end, low, width, false) + "\"" +
             series_stroke(i) + "><title>" + html_text(names[i]) + "</title></path>";
  }
  if (options.mark) marks += mark_line(frame, x, *options.mark);
  return frame.figure(options, names, marks);
}

}  // namespace winnow
