#include "src/report/demo_report.h"

#include "src/core/error.h"
#include "src/core/progress.h"
#include "src/core/tables.h"
#include "src/core/text.h"
#include "src/evaluation/compare.h"
#include "src/report/metric_sections.h"
#include "src/report/text_format.h"
#include "src/report/train_curves.h"

namespace winnow {
namespace {

std::string number(double v) { return format_number(v, 3); }

std::string first_metric(const DemoReport& r) { return "recall@" + std::to_string(r.ks.front()); }

PairedDifference gain(const DemoReport& r, const std::string& metric) {
  return paired_difference(*r.plain.result, *r.robust.result, metric, r.ks);
}

std::string gain_text(const PairedDifference& d) {
  return format_change(d.difference, 3) + " (" + format_change(d.interval.low, 3) + " to " +
         format_change(d.interval.high, 3) + ")";
}

std::vector<std::string> lead_of(const DemoReport& r) {
  const auto name = first_metric(r);
  const auto recall = gain(r, name), map = gain(r, "map@r");
  const double before = r.plain.result->metrics.at(name), after = r.robust.result->metrics.at(name);
  const std::string hit =
      r.ks.front() == 1 ? "the first hit is" : "one of the first " + std::to_string(r.ks.front()) + " hits is";
  std::vector<std::string> out;
  out.push_back("With " + format_number(100 * r.noise, 0) + " % of the training labels wrong, " + hit + " right for " +
                format_percent(before) + " of " + format_quantity(recall.queries, "query", "queries") + " after " +
                r.plain.name + " and for " + format_percent(after) + " after " + r.robust.name + ".");
  out.push_back("That is a change of " + gain_text(recall) + " in " + name + " and of " + gain_text(map) +
                " in map@r, with 95 % intervals over the same queries" +
                (recall.certain() && map.certain() ? "; neither interval holds zero."
                                                   : "; an interval that holds zero shows no sure difference."));
  out.push_back(
      "Both trainings had the same network, pictures and number of passes; next, try your own folder with the "
      "commands under Go on.");
  return out;
}

std::vector<HtmlPage::Card> cards_of(const DemoReport& r) {
  std::vector<HtmlPage::Card> out;
  for (const auto& name : {first_metric(r), std::string("map@r"), std::string("ap.finite")})
    out.push_back({name,
                   number(r.plain.result->metrics.at(name)) + " \u2192 " + number(r.robust.result->metrics.at(name)),
                   gain_text(gain(r, name))});
  out.push_back({"wrong training labels", format_number(100 * r.noise, 0) + " %", ""});
  if (r.seconds > 0) out.push_back({"time", format_duration(r.seconds), "everything on this page"});
  return out;
}

void add_search(HtmlPage& page, const DemoReport& r) {
  if (r.plain.first_search.images.empty() && r.robust.first_search.images.empty()) return;
  page.heading("First search");
  page.paragraph(
      "The same picture of a class that no training saw, searched with both models. \u2713 same product, "
      "\u2717 another.");
  page.raw(contact_sheet({r.plain.first_search, r.robust.first_search}));
}

void add_metrics(HtmlPage& page, const DemoReport& r) {
  page.heading("Metrics");
  std::vector<std::vector<std::string>> rows;
  for (const auto& name : metric_names(r.ks)) {
    const auto d = gain(r, name);
    rows.push_back({name, format_metric(*r.plain.result, name), format_metric(*r.robust.result, name),
                    format_change(d.difference, 3),
                    format_change(d.interval.low, 3) + " to " + format_change(d.interval.high, 3)});
  }
  page.table({"metric", r.plain.name, r.robust.name, "change", "95 % interval of the change"}, rows, "Both methods");
  if (!r.plain.summary.empty()) page.paragraph(r.plain.name + ": " + r.plain.summary);
  if (!r.robust.summary.empty()) page.paragraph(r.robust.name + ": " + r.robust.summary);
}

/// The same quantity of both methods in one chart; nothing where neither has it.
void add_pair(std::vector<std::string>& out, const DemoReport& r, std::map<std::string, double> TrainEpoch::*field,
              const std::string& name, const ChartOptions& options) {
  std::vector<Series> series;
  for (const DemoMethod* m : {&r.plain, &r.robust})
    for (auto& s : map_series(m->epochs, field, {name})) {
      s.name = m->name;
      series.push_back(std::move(s));
    }
  if (!series.empty()) out.push_back(line_chart(series, options));
}

void add_curves(HtmlPage& page, const DemoReport& r) {
  page.heading("Curves");
  const std::vector<NamedResult> both = {{r.plain.name, r.plain.result}, {r.robust.name, r.robust.result}};
  std::vector<std::string> charts = {recall_chart(both), precision_recall_chart(both)};
  if (!r.plain.epochs.empty() && !r.robust.epochs.empty())
    charts.push_back(
        line_chart({epoch_series(r.plain.name, r.plain.epochs, [](const TrainEpoch& e) { return e.loss; }),
                    epoch_series(r.robust.name, r.robust.epochs, [](const TrainEpoch& e) { return e.loss; })},
                   {.title = "Training loss", .x_label = "epoch", .y_label = "mean loss"}));
  add_pair(charts, r, &TrainEpoch::validation, "map@r",
           {.title = "Validation map@r", .x_label = "epoch", .y_label = "map@r"});
  add_pair(charts, r, &TrainEpoch::log, "memorised",
           {.title = "Wrong labels learned by heart", .x_label = "epoch", .y_label = "share", .y_min = 0, .y_max = 1});
  charts.push_back(score_histogram(*r.plain.result, "Scores, " + r.plain.name));
  charts.push_back(score_histogram(*r.robust.result, "Scores, " + r.robust.name));
  page.figures(charts);
}

void add_sheet(HtmlPage& page, const std::string& heading, const std::string& text, const std::vector<SheetRow>& rows) {
  if (rows.empty()) return;
  page.heading(heading);
  page.paragraph(text);
  page.raw(contact_sheet(rows));
}

}  // namespace

HtmlPage demo_report_page(const DemoReport& r) {
  if (!r.plain.result || !r.robust.result || r.ks.empty())
    throw Error(ErrorCode::kShape, "[report] the demo report needs both results and their ks");
  HtmlPage page(r.title);
  page.lead(lead_of(r));
  page.cards(cards_of(r));
  add_search(page, r);
  add_metrics(page, r);
  add_curves(page, r);
  add_sheet(page, "Queries that changed", "The same query with either model.", r.changed);
  add_sheet(page, "Training pictures", r.task.empty() ? "Pictures with the labels that training was given." : r.task,
            r.samples);
  if (!r.next.empty()) {
    page.heading("Go on");
    page.raw("<pre>" + html_text(join(r.next, "\n")) + "</pre>\n");
  }
  page.heading("Definitions and provenance");
  add_definitions(page, r.ks);
  page.facts(r.provenance);
  return page;
}

void write_demo_report(const fs::path& file, const DemoReport& report) { demo_report_page(report).write(file); }

}  // namespace winnow
