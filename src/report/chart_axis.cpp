#include "src/report/chart_axis.h"

#include <algorithm>
#include <cmath>

#include "src/core/tables.h"
#include "src/report/text_format.h"

namespace winnow {
namespace {

constexpr double kWidth = 440, kHeight = 264, kLeft = 52, kRight = 12, kTop = 26, kBottom = 42;
constexpr const char* kDashes[] = {"", "7 3", "2 3", "9 3 2 3", "4 2", "1 2"};

std::string attribute(const char* name, double value) {
  return std::string(name) + "=\"" + format_number(value, 1) + "\"";
}

std::string rule(const char* kind, double x0, double y0, double x1, double y1) {
  return std::string("<line class=\"") + kind + "\" " + attribute("x1", x0) + " " + attribute("y1", y0) + " " +
         attribute("x2", x1) + " " + attribute("y2", y1) + "/>";
}

std::string label_at(double x, double y, const char* anchor, const std::string& text) {
  return "<text " + attribute("x", x) + " " + attribute("y", y) + " text-anchor=\"" + anchor + "\">" + html_text(text) +
         "</text>";
}

}  // namespace

double Axis::share(double value) const {
  if (log) return (std::log(value) - std::log(low)) / (std::log(high) - std::log(low));
  return (value - low) / (high - low);
}

std::string Axis::label(double tick) const {
  const double clean = std::abs(tick) < 1e-9 * std::max(std::abs(low), std::abs(high)) ? 0.0 : tick;
  if (std::abs(clean) >= 1e6) return format_short(clean / 1e6) + "M";
  if (std::abs(clean) >= 1e4) return format_short(clean / 1e3) + "k";
  return format_short(clean);
}

Axis linear_axis(double low, double high, int wanted_ticks) {
  if (!(high > low)) {
    const double pad = low == 0 ? 1.0 : 0.1 * std::abs(low);
    low -= pad;
    high += pad;
  }
  const double raw = (high - low) / wanted_ticks, power = std::pow(10.0, std::floor(std::log10(raw)));
  const double lead = raw / power;
  const double step = (lead <= 1.0 ? 1.0 : lead <= 2.0 ? 2.0 : lead <= 5.0 ? 5.0 : 10.0) * power;
  // A hair of slack, so that 0.3 / 0.1 does not open another interval.
  const double first = std::floor(low / step + 1e-9), last = std::ceil(high / step - 1e-9);
  Axis out{first * step, last * step, false, {}};
  for (double i = first; i <= last; ++i) out.ticks.push_back(i * step);
  return out;
}

Axis log_axis(double low, double high) {
  if (!(high > low)) high = low * 10;
  Axis out{low, high, true, {}};
  const bool wide = high / low > 2000;
  for (double power = std::pow(10.0, std::floor(std::log10(low))); power <= high; power *= 10)
    for (const double lead : {1.0, 2.0, 5.0}) {
      const double tick = lead * power;
      if (tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9) && (lead == 1.0 || !wide)) out.ticks.push_back(tick);
    }
  return out;
}

double ChartFrame::x(double value) const { return kLeft + x_.share(value) * (kWidth - kLeft - kRight); }

double ChartFrame::y(double value) const {
  const double share = std::clamp(y_.share(value), -0.05, 1.05);
  return kHeight - kBottom - share * (kHeight - kBottom - kTop);
}

double ChartFrame::floor() const { return kHeight - kBottom; }

std::string ChartFrame::point(double px, double py) const { return format_number(px, 1) + "," + format_number(py, 1); }

std::string ChartFrame::grid() const {
  std::string out;
  for (const double t : y_.ticks) {
    out += rule("grid", kLeft, y(t), kWidth - kRight, y(t));
    out += label_at(kLeft - 6, y(t) + 4, "end", y_.label(t));
  }
  for (const double t : x_.ticks) {
    out += rule("axis", x(t), floor(), x(t), floor() + 4);
    out += label_at(x(t), floor() + 17, "middle", x_.label(t));
  }
  return out + rule("axis", kLeft, floor(), kWidth - kRight, floor());
}

std::string ChartFrame::figure(const ChartOptions& options, const std::vector<std::string>& names,
                               const std::string& marks) const {
  std::string out = "<figure class=\"chart\"><figcaption>" + html_text(options.title) + "</figcaption>";
  if (names.size() > 1) {
    out += "<ul class=\"legend\">";
    for (size_t i = 0; i < names.size(); ++i)
      out +=
          "<li><svg viewBox=\"0 0 28 10\" aria-hidden=\"true\"><line class=\"line\" x1=\"0\" y1=\"5\" x2=\"28\" "
          "y2=\"5\"" +
          series_stroke(i) + "/></svg>" + html_text(names[i]) + "</li>";
    out += "</ul>";
  }
  std::string label = options.title + ": " + options.y_label + " over " + options.x_label;
  out += "<svg viewBox=\"0 0 440 264\" role=\"img\" aria-label=\"" + html_text(label) + "\">" + grid() + marks;
  out += label_at((kLeft + kWidth - kRight) / 2, kHeight - 6, "middle", options.x_label);
  out += label_at(2, 12, "start", options.y_label);
  return out + "</svg></figure>\n";
}

std::string series_stroke(size_t i) {
  const std::string dash = kDashes[i % 6];
  return " style=\"stroke:var(--s" + std::to_string(i % 6 + 1) + ")" +
         (dash.empty() ? "" : ";stroke-dasharray:" + dash) + "\"";
}

std::string series_fill(size_t i) { return " style=\"fill:var(--s" + std::to_string(i % 6 + 1) + ")\""; }

}  // namespace winnow
