#pragma once

#include <string>
#include <utility>
#include <vector>

#include "src/core/files.h"

namespace winnow {

/// Builder of one self-contained HTML file: light and dark, phone width, no network, readable without scripts.
class HtmlPage {
 public:
  explicit HtmlPage(std::string title);
  /// First screen: one to four sentences with numbers (plain text, escaped).
  void lead(const std::vector<std::string>& sentences);
  /// Big-number cards: {label, value, note}.
  struct Card {
    std::string label, value, note;
  };
  void cards(const std::vector<Card>& cards);
  void heading(const std::string& text);
  void paragraph(const std::string& text);
  /// Cells are escaped; numeric cells right-aligned; sortable with a script of ours, complete without.
  void table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows,
             const std::string& caption = "");
  /// Trusted markup of our own makers (SVG, sheets).
  void raw(const std::string& markup);
  void details(const std::string& summary, const std::string& text);
  std::string html() const;
  /// Atomic.
  void write(const fs::path& file) const;

 private:
  std::string title_, body_;
};

/// A line chart.
struct Series {
  std::string name;
  std::vector<std::pair<double, double>> points;
  std::vector<std::pair<double, double>> band;  ///< optional (low, high) for each point
};
struct ChartOptions {
  std::string title, x_label, y_label;
  bool log_x = false;
  double y_min = 0, y_max = 0;  ///< equal = automatic
};
/// Inline SVG with axes, grid, legend, <title> texts; colour-blind-safe colours through CSS variables of the page.
std::string line_chart(const std::vector<Series>& series, const ChartOptions& options);
/// Two histograms over the same bins (positives and negatives).
std::string histogram_chart(const std::vector<int64_t>& positive, const std::vector<int64_t>& negative, double low,
                            double high, const ChartOptions& options);

/// One picture in a sheet; `frame` is "query", "right", "wrong" or "missed".
struct SheetImage {
  std::string data_uri, frame, caption, alt;
};
struct SheetRow {
  std::string title;
  std::vector<SheetImage> images;
};
/// Rows of thumbnails with coloured frames (and a sign beside the colour, for the colour-blind).
std::string contact_sheet(const std::vector<SheetRow>& rows);

}  // namespace winnow
