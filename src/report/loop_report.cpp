#include "src/report/loop_report.h"

#include "src/core/tables.h"
#include "src/report/html.h"

namespace winnow {
namespace {

constexpr int kDigits = 4;

double metric_of(const LoopStep& step, const std::string& metric) {
  const auto at = step.metrics.find(metric);
  return at == step.metrics.end() ? 0 : at->second;
}

std::string percent(double share) { return format_number(100 * share, 1) + " %"; }

std::string signed_number(double value) { return (value > 0 ? "+" : "") + format_number(value, kDigits); }

std::string gain_text(const LoopGain& gain) {
  return signed_number(gain.difference) + " (95 % interval " + signed_number(gain.low) + " to " +
         signed_number(gain.high) + ")";
}

std::string cost_text(const std::vector<LoopStep>& steps) {
  double seconds = 0;
  for (size_t i = 1; i < steps.size(); ++i) seconds += steps[i].seconds;
  return format_number(seconds / 60, 1) + " minutes beyond training on the given labels";
}

const LoopGain* gain_of(const LoopStep& step, const std::string& metric) {
  const auto at = step.gain.find(metric);
  return at == step.gain.end() ? nullptr : &at->second;
}

bool repaired(const LoopStep& step) { return step.relabelled + step.dropped > 0; }

std::string labels_sentence(const std::vector<LoopStep>& steps) {
  const LoopStep& last = steps.back();
  if (!repaired(last)) return "No label was changed and no picture was left out.";
  std::string out = std::to_string(last.relabelled) + " labels were changed and " + std::to_string(last.dropped) +
                    " pictures left out of " + std::to_string(steps.front().rows) + " in the last round";
  if (last.truth && steps.front().truth)
    out += "; by the column of true labels " + percent(steps.front().truth->wrong) + " were wrong before, " +
           percent(last.truth->wrong) + " of those left are";
  return out + ".";
}

std::string curve(const std::vector<LoopStep>& steps, const std::string& metric) {
  Series series{metric, {}};
  for (size_t i = 0; i < steps.size(); ++i) {
    series.points.emplace_back(static_cast<double>(i), metric_of(steps[i], metric));
    const double first = metric_of(steps[0], metric);
    const auto* gain = gain_of(steps[i], metric);
    series.band.emplace_back(first + (gain ? gain->low : 0), first + (gain ? gain->high : 0));
  }
  ChartOptions options;
  options.title = metric + " on the held-out clean set";
  options.x_label = "step (row of the table, from 0)";
  options.y_label = metric;
  return line_chart({series}, options);
}

}  // namespace

LoopVerdict judge_loop(const std::vector<LoopStep>& steps, const std::string& metric, const std::string& stopped) {
  LoopVerdict out;
  const LoopStep* best = nullptr;  // of the repaired ones, for the words when none wins
  for (size_t i = 1; i < steps.size(); ++i) {
    const auto* gain = gain_of(steps[i], metric);
    if (repaired(steps[i]) && (!best || metric_of(steps[i], metric) > metric_of(*best, metric))) best = &steps[i];
    if (gain && gain->low > 0 && metric_of(steps[i], metric) > metric_of(steps[out.winner], metric)) out.winner = i;
  }
  out.earned = repaired(steps[out.winner]);
  const std::string given = metric + " " + format_number(metric_of(steps[0], metric), kDigits);
  if (!stopped.empty()) out.text = stopped + " ";
  if (out.earned) {
    out.text += "The loop earned its cost: " + best->name + " reach " + metric + " " +
                format_number(metric_of(*best, metric), kDigits) + " against " +
                format_number(metric_of(steps[0], metric), kDigits) + " of the given labels, " +
                gain_text(*gain_of(*best, metric)) + ".";
  } else if (best && gain_of(*best, metric)->low > 0) {
    out.text += "The repair did not earn its cost: " + best->name + " beat the given ones by " +
                gain_text(*gain_of(*best, metric)) + ", but " + steps[out.winner].name + " alone reaches " + metric +
                " " + format_number(metric_of(steps[out.winner], metric), kDigits) + " against " +
                format_number(metric_of(*best, metric), kDigits) + ".";
  } else if (best && gain_of(*best, metric)->high < 0) {
    out.text += "The loop did not earn its cost (" + cost_text(steps) + "): " + best->name +
                " are worse than the given ones, " + gain_text(*gain_of(*best, metric)) + " from " + given + ".";
  } else if (best) {
    out.text += "The loop did not earn its cost (" + cost_text(steps) + "): between " + best->name +
                " and the given ones there is no difference beyond chance, " + gain_text(*gain_of(*best, metric)) +
                " from " + given + ".";
  } else {
    out.text += "The loop did not earn its cost (" + cost_text(steps) + "): no label was repaired; " + given +
                " stays as it was.";
  }
  out.text += " Winner: " + steps[out.winner].name + ".";
  return out;
}

LoopTable loop_table(const std::vector<LoopStep>& steps, const std::vector<std::string>& metrics) {
  LoopTable out;
  const bool known = !steps.empty() && steps.front().truth.has_value();
  out.header = {"trained on", "pictures", "relabelled", "left out"};
  for (const auto& metric : metrics) out.header.insert(out.header.end(), {metric, "gain of " + metric});
  if (known) out.header.insert(out.header.end(), {"wrong labels", "right relabels", "right drops"});
  out.header.push_back("seconds");
  for (const auto& step : steps) {
    std::vector<std::string> cells = {step.name, std::to_string(step.rows), std::to_string(step.relabelled),
                                      std::to_string(step.dropped)};
    for (const auto& metric : metrics) {
      const auto* gain = gain_of(step, metric);
      cells.push_back(format_number(metric_of(step, metric), kDigits));
      cells.push_back(gain ? signed_number(gain->difference) + " [" + signed_number(gain->low) + ", " +
                                 signed_number(gain->high) + "]"
                           : "");
    }
    if (known) {
      cells.push_back(step.truth ? percent(step.truth->wrong) : "");
      cells.push_back(step.truth && step.relabelled > 0 ? percent(step.truth->relabelled_right) : "");
      cells.push_back(step.truth && step.dropped > 0 ? percent(step.truth->dropped_right) : "");
    }
    cells.push_back(format_number(step.seconds, 0));
    out.rows.push_back(std::move(cells));
  }
  return out;
}

void write_loop_page(const fs::path& file, const std::string& title, const std::vector<LoopStep>& steps,
                     const std::vector<std::string>& metrics, const LoopVerdict& verdict) {
  HtmlPage page(title);
  page.lead({verdict.text, labels_sentence(steps),
             "Every figure is of the queries that were named as clean: their labels were taken as right."});
  page.heading("Steps");
  const LoopTable table = loop_table(steps, metrics);
  page.table(table.header, table.rows, "steps");
  page.paragraph(
      "gain: difference to the model of the given labels on the same queries, with the 95 % interval of a paired "
      "bootstrap over queries. It says nothing about other seeds. Every model had the same number of training steps.");
  page.heading("Curve");
  std::vector<std::string> charts;
  for (const auto& metric : metrics) charts.push_back(curve(steps, metric));
  page.figures(charts);
  page.heading("Labels");
  for (const auto& step : steps)
    if (!step.estimate.empty()) page.paragraph("Before " + step.name + ": " + step.estimate + ".");
  page.heading("Undo");
  for (const auto& step : steps)
    if (repaired(step))
      page.paragraph(step.name + ": `winnow noise revert " + step.folder +
                     "/repaired.csv --out GIVEN.csv` writes the given manifest byte for byte; decisions.csv beside it "
                     "says what was done, suspects.csv why.");
  page.paragraph("The manifest that was given has not been edited.");
  page.write(file);
}

}  // namespace winnow
