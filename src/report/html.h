#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/core/files.h"

namespace winnow {

/// A line of provenance, such as {"model", "sha256 3f2a..."}.
struct Fact {
  std::string name, value;
};

/// Builder of one self-contained HTML file: light and dark, phone width, print, no network, complete without scripts.
/// Text arguments are plain UTF-8 (invalid bytes become U+FFFD) and are escaped here. Not thread-safe.
class HtmlPage {
 public:
  explicit HtmlPage(std::string title);
  /// First screen: one to four sentences with numbers.
  void lead(const std::vector<std::string>& sentences);
  /// Big-number cards: {label, value, note}.
  struct Card {
    std::string label, value, note;
  };
  void cards(const std::vector<Card>& cards);
  /// Starts a section; sections are listed under the first screen.
  void heading(const std::string& text);
  void paragraph(const std::string& text);
  /// Numeric cells are right-aligned; sortable with a script of ours, complete without. With a caption the page offers
  /// the whole table as CSV (from the page itself). Rows past `shown` are in the CSV only, and a line says so.
  void table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows,
             const std::string& caption = "", size_t shown = 300);
  /// Trusted markup of our own makers (SVG, sheets).
  void raw(const std::string& markup);
  /// Charts side by side where there is room.
  void figures(const std::vector<std::string>& markup);
  /// Folded preformatted text.
  void details(const std::string& summary, const std::string& text);
  void facts(const std::vector<Fact>& facts);
  std::string html() const;
  /// Atomic.
  void write(const fs::path& file) const;

 private:
  std::string title_, first_screen_, body_;
  std::vector<std::string> sections_;
};

/// A line chart.
struct Series {
  std::string name;
  std::vector<std::pair<double, double>> points;     ///< by x; a NaN or infinite y leaves a gap
  std::vector<std::pair<double, double>> band = {};  ///< optional (low, high) for each point
};
struct ChartOptions {
  std::string title = {}, x_label = {}, y_label = {};
  bool log_x = false;                                                   ///< every x must be positive
  double y_min = 0, y_max = 0;                                          ///< equal = automatic
  std::string positives = "relevant pairs", negatives = "other pairs";  ///< histogram_chart: names of the two sides
  std::optional<double> mark = {};  ///< histogram_chart: a vertical line there, which a threshold_slider moves
};
/// Inline SVG with axes, grid, legend, <title> texts; colour-blind-safe colours through CSS variables of the page, and
/// a dash pattern for each line beside its colour.
std::string line_chart(const std::vector<Series>& series, const ChartOptions& options);
/// Two histograms over the same bins (positives and negatives), each as shares of its own total.
std::string histogram_chart(const std::vector<int64_t>& positive, const std::vector<int64_t>& negative, double low,
                            double high, const ChartOptions& options);

/// One picture in a sheet; `frame` is "query", "right", "wrong", "missed" or "plain". Without a data URI a placeholder
/// is shown.
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
