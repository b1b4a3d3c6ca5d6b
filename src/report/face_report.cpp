#include "src/report/face_report.h"

#include <algorithm>
#include <cmath>

#include "src/core/tables.h"
#include "src/report/face_charts.h"
#include "src/report/text_format.h"

namespace winnow {
namespace {

std::string percent(double v) { return format_number(100 * v, 2) + " %"; }

HtmlPage::Card card(const FaceReport& r, const std::string& name, const std::string& label, bool share) {
  const double value = r.metrics->at(name);
  HtmlPage::Card out{label, share ? percent(value) : format_number(value, 4), ""};
  if (r.intervals)
    if (const auto at = r.intervals->find(name); at != r.intervals->end())
      out.note = "95 %: " + format_interval(at->second, 4);
  return out;
}

std::vector<HtmlPage::Card> cards(const FaceReport& r) {
  static const std::vector<std::pair<std::string, std::string>> wanted = {
      {"accuracy.r-if", "accuracy, rule R-IF"},
      {"accuracy.r-fxz", "accuracy, rule R-FXZ"},
      {"accuracy.r-sph", "accuracy, rule R-SPH"},
      {"nearest_neighbour", "nearest face is the same person"},
      {"rank@1", "rank 1"},
      {"ami", "AMI"},
      {"bcubed.f", "BCubed F"},
      {"eer", "equal error rate"}};
  std::vector<HtmlPage::Card> out;
  for (const auto& [name, label] : wanted)
    if (r.metrics->contains(name)) out.push_back(card(r, name, label, name != "ami" && name != "bcubed.f"));
  if (r.points)
    for (const auto& p : *r.points)
      if (p.rule == FarRule::kStrict && out.size() < 8) {
        out.push_back({"TAR at FAR " + format_short(p.target), percent(p.tar),
                       p.too_few ? "too few impostors: " + format_count(p.false_accepts) + " false accepts" : ""});
        if (r.intervals)
          if (const auto at = r.intervals->find("tar@far=" + format_short(p.target)); at != r.intervals->end())
            out.back().note += (out.back().note.empty() ? "95 %: " : "; 95 %: ") + format_interval(at->second, 4);
      }
  return out;
}

void add_curves(HtmlPage& page, const FaceReport& r) {
  std::vector<std::string> figures;
  if (r.scores) {
    figures.push_back(roc_chart(*r.scores));
    figures.push_back(det_chart(*r.scores));
  }
  if (r.search && !r.search->mate_score.empty() && !r.search->nonmated_top.empty())
    figures.push_back(open_set_chart(*r.search));
  if (!r.cmc.empty()) figures.push_back(cmc_chart(r.cmc));
  if (figures.empty() && r.genuine_histogram.empty()) return;
  page.heading("Curves");
  if (!figures.empty()) page.figures(figures);
  if (r.genuine_histogram.empty()) return;
  const auto at = r.metrics->find("eer.threshold");
  page.raw(face_threshold_slider(r, at == r.metrics->end() ? 0.3 : at->second));
}

void add_rules(HtmlPage& page, const FaceReport& r) {
  if (r.accuracies && !r.accuracies->empty()) {
    page.heading("Accuracy by rule");
    page.paragraph(
        "One set of vectors, three numbers: the popular repositories mean different things by \u201cLFW "
        "accuracy\u201d.");
    std::vector<std::vector<std::string>> rows;
    for (const auto& a : *r.accuracies)
      rows.push_back({accuracy_rule_name(a.rule), percent(a.mean), format_number(100 * a.std_population, 3),
                      format_number(100 * a.standard_error, 3), explain_accuracy_rule(a.rule)});
    page.table({"rule", "mean", "\u00b1 std (ddof 0)", "\u00b1 standard error", "what it does"}, rows,
               "Accuracy by rule");
    rows.clear();
    for (size_t fold = 0; fold < r.accuracies->front().accuracy.size(); ++fold) {
      std::vector<std::string> row = {std::to_string(fold)};
      for (const auto& a : *r.accuracies) {
        row.push_back(percent(a.accuracy[fold]));
        row.push_back(format_number(a.threshold[fold], 4));
      }
      rows.push_back(row);
    }
    std::vector<std::string> header = {"fold"};
    for (const auto& a : *r.accuracies) {
      header.push_back(accuracy_rule_name(a.rule));
      header.push_back("its threshold");
    }
    page.table(header, rows, "Accuracy and threshold by fold");
  }
  if (!r.points || r.points->empty()) return;
  page.heading("TAR at FAR");
  page.paragraph(
      "Four rules carry this name. Only the strict one never accepts more than it states; \u201ctoo few\u201d marks "
      "targets "
      "that allow fewer than 30 false accepts.");
  std::vector<std::vector<std::string>> rows;
  for (const auto& p : *r.points) {
    std::string interval = "-";
    if (r.threshold_intervals && p.rule == FarRule::kStrict)
      if (const auto at = r.threshold_intervals->find(p.target); at != r.threshold_intervals->end())
        interval = format_interval(at->second, 4);
    rows.push_back({format_short(p.target), far_rule_name(p.rule), percent(p.tar), format_short(p.far),
                    p.threshold ? format_number(*p.threshold, 4) : "none", interval,
                    p.threshold ? format_count(p.false_accepts) : "-", p.threshold ? format_count(p.ties) : "-",
                    p.too_few ? "too few" : ""});
  }
  page.table({"FAR", "rule", "TAR", "realised FAR", "threshold", "95 % of threshold", "false accepts", "ties", "mark"},
             rows, "TAR at FAR by rule");
}

void add_open_set(HtmlPage& page, const FaceReport& r) {
  if (!r.open_points || r.open_points->empty()) return;
  page.heading("Open set");
  std::vector<std::vector<std::string>> rows;
  for (const auto& p : *r.open_points)
    rows.push_back({format_short(p.target), fpir_rule_name(p.rule), percent(1 - p.tpir), percent(p.tpir),
                    format_number(p.fpir, 4), format_number(p.threshold, 4), format_count(p.false_alarms),
                    p.too_few ? "too few" : ""});
  page.table({"FPIR", "rule", "FNIR", "TPIR", "realised FPIR", "threshold", "false alarms", "mark"}, rows,
             "FNIR at FPIR by rule");
}

void add_wrong(HtmlPage& page, const FaceReport& r) {
  if (r.wrong.empty()) return;
  page.heading("Wrong pairs");
  page.paragraph("Worst first. \u2717 beside two faces: one person taken for two, or two for one, as the line says.");
  std::vector<SheetRow> rows;
  for (const auto& p : r.wrong) {
    SheetRow row;
    row.title = std::string(p.same ? "same person, taken for two" : "two people, taken for one") + ": cosine " +
                format_number(p.score, 3);
    row.images.push_back({p.picture_a, "query", p.a, p.a});
    row.images.push_back({p.picture_b, p.same ? "missed" : "wrong", p.b, p.b});
    rows.push_back(std::move(row));
  }
  page.raw(contact_sheet(rows));
}

}  // namespace

HtmlPage face_report_page(const FaceReport& r) {
  HtmlPage page(r.title);
  page.lead(r.lead);
  page.cards(cards(r));
  for (const auto& note : r.notes) page.paragraph("\u26a0 " + note);
  add_curves(page, r);
  add_rules(page, r);
  add_open_set(page, r);
  add_wrong(page, r);
  page.heading("Metrics");
  std::vector<std::vector<std::string>> rows;
  for (const auto& [name, value] : *r.metrics) {
    std::string interval = "-";
    if (r.intervals)
      if (const auto at = r.intervals->find(name); at != r.intervals->end()) interval = format_interval(at->second, 5);
    rows.push_back({name, format_number(value, 5), interval});
  }
  page.table({"metric", "value", "95 % interval"}, rows, "All metrics");
  page.heading("Provenance");
  page.facts(r.provenance);
  return page;
}

}  // namespace winnow
