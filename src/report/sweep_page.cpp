#include <algorithm>
#include <cmath>

#include "src/core/tables.h"
#include "src/report/html.h"
#include "src/report/sweep_report.h"

namespace winnow {
namespace {

std::string tex_escape(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '_' || c == '%' || c == '&' || c == '#' || c == '$') out += '\\';
    out += c;
  }
  return out;
}

double best_mean(const std::vector<SweepLine>& lines, const std::string& data, const std::string& metric) {
  double best = -INFINITY;
  for (const auto& line : lines)
    if (const auto at = line.last.find(metric); line.data == data && at != line.last.end())
      best = std::max(best, at->second.mean);
  return best;
}

/// The line with the highest mean of a metric on a data set; null when none has it.
const SweepLine* winner(const std::vector<SweepLine>& lines, const std::string& data, const std::string& metric,
                        bool told) {
  const SweepLine* best = nullptr;
  for (const auto& line : lines) {
    const auto at = line.last.find(metric);
    if (line.data != data || line.told.empty() == told || at == line.last.end()) continue;
    if (!best || at->second.mean > best->last.at(metric).mean) best = &line;
  }
  return best;
}

std::vector<std::string> data_names(const std::vector<SweepLine>& lines) {
  std::vector<std::string> out;
  for (const auto& line : lines)
    if (out.empty() || out.back() != line.data) out.push_back(line.data);
  return out;
}

std::vector<std::string> lead(const std::vector<SweepLine>& lines, const std::string& metric) {
  std::vector<std::string> out;
  for (const auto& data : data_names(lines)) {
    const auto* free = winner(lines, data, metric, false);
    const auto* told = winner(lines, data, metric, true);
    if (!free || out.size() == 3) continue;
    std::string text = "On " + data + " the best method that was told nothing is " + free->method + " with " + metric +
                       " " + spread_text(free->last.at(metric));
    if (told) text += "; told " + told->told + ", " + told->method + " has " + spread_text(told->last.at(metric));
    out.push_back(text + ".");
  }
  out.push_back("Figures are of the last epoch, mean and range over seeds.");
  return out;
}

/// Epoch-independent chart: methods along x by place in the table, one series a data set, the range as band.
std::string metric_chart(const std::vector<SweepLine>& lines, const std::string& metric) {
  std::vector<Series> series;
  for (const auto& data : data_names(lines)) {
    Series one{data, {}};
    double place = 1;
    for (const auto& line : lines) {
      if (line.data != data) continue;
      if (const auto at = line.last.find(metric); at != line.last.end()) {
        one.points.emplace_back(place, at->second.mean);
        one.band.emplace_back(at->second.low, at->second.high);
      }
      ++place;
    }
    series.push_back(std::move(one));
  }
  ChartOptions options;
  options.title = metric + " by method";
  options.x_label = "line of the table within its data set";
  options.y_label = metric;
  return line_chart(series, options);
}

}  // namespace

std::string sweep_tex(const std::vector<SweepLine>& lines, const std::vector<std::string>& metrics) {
  std::string out = "\\begin{tabular}{lll" + std::string(metrics.size(), 'c') + "}\n\\hline\ndata & method & told";
  for (const auto& metric : metrics) out += " & " + tex_escape(metric);
  out += " \\\\\n\\hline\n";
  for (const auto& line : lines) {
    out += tex_escape(line.data) + " & " + tex_escape(line.method) + " & " +
           (line.told.empty() ? "--" : tex_escape(line.told));
    for (const auto& metric : metrics) {
      const auto at = line.last.find(metric);
      if (at == line.last.end()) {
        out += " & --";
        continue;
      }
      const bool best = at->second.mean >= best_mean(lines, line.data, metric);
      const double half = (at->second.high - at->second.low) / 2;
      out += std::string(" & ") + (best ? "\\textbf{" : "") + format_number(at->second.mean, 3) + (best ? "}" : "");
      if (at->second.seeds > 1) out += " {\\scriptsize $\\pm$ " + format_number(half, 3) + "}";
    }
    out += " \\\\\n";
  }
  return out + "\\hline\n\\end{tabular}\n";
}

void write_sweep_page(const fs::path& file, const std::string& title, const std::vector<SweepRow>& rows,
                      const std::vector<SweepLine>& lines, const std::vector<std::string>& metrics) {
  HtmlPage page(title);
  page.lead(lead(lines, metrics.front()));
  page.heading("Methods");
  const SweepCells cells = sweep_cells(lines, metrics);
  page.table(cells.header, cells.rows, "methods");
  page.paragraph(
      "last and best: epoch, mean and range over seeds. gain: difference of the last epoch to the first method on the "
      "same seeds, with the 95 % interval of Student's t where there are two seeds or more; it says nothing about the "
      "choice of test pictures. told: what the method knew about the noise.");
  page.heading("By metric");
  std::vector<std::string> charts;
  for (const auto& metric : metrics) charts.push_back(metric_chart(lines, metric));
  page.figures(charts);
  page.heading("Single runs");
  std::vector<std::string> header = {"data", "method", "seed"};
  for (const auto& metric : metrics) header.insert(header.end(), {metric + " last", metric + " best"});
  header.push_back("seconds");
  std::vector<std::vector<std::string>> all;
  for (const auto& row : rows) {
    std::vector<std::string> line = {row.data, row.method, std::to_string(row.seed)};
    for (const auto& metric : metrics)
      for (const auto* side : {&row.last, &row.best})
        line.push_back(side->count(metric) ? format_number(side->at(metric), 4) : "");
    line.push_back(format_number(row.seconds, 0));
    all.push_back(std::move(line));
  }
  page.table(header, all, "runs");
  page.write(file);
}

}  // namespace winnow
