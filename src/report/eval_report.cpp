#include "src/report/eval_report.h"

#include <algorithm>

#include "src/core/error.h"
#include "src/core/tables.h"
#include "src/core/text.h"
#include "src/report/eval_lead.h"
#include "src/report/eval_sheets.h"
#include "src/report/metric_sections.h"
#include "src/report/text_format.h"

namespace winnow {
namespace {

std::string number(double v) { return format_number(v, 3); }

void check(const EvalReport& r) {
  if (!r.result || r.result->queries.empty() || r.ks.empty())
    throw Error(ErrorCode::kShape, "[report] an evaluation report needs a result with queries and its ks");
  const auto queries = static_cast<int64_t>(r.queries.labels.size()),
             gallery = static_cast<int64_t>(r.gallery.labels.size());
  for (const auto& q : r.result->queries) {
    const bool fits =
        q.query_row < queries && q.best_relevant.gallery_row < gallery &&
        std::all_of(q.top.begin(), q.top.end(), [&](const ScoredHit& h) { return h.gallery_row < gallery; });
    if (!fits)
      throw Error(ErrorCode::kShape, "[report] the result must belong to the sides: it names rows past the " +
                                         std::to_string(queries) + " queries or " + std::to_string(gallery) +
                                         " gallery items given");
  }
}

HtmlPage::Card card_of(const EvalReport& r, const std::string& name) {
  HtmlPage::Card card{name, number(r.result->metrics.at(name)), ""};
  if (const auto i = r.result->intervals.find(name); i != r.result->intervals.end())
    card.note = "95 %: " + format_interval(i->second, 3);
  if (const auto b = r.baseline.find(name); b != r.baseline.end())
    card.note += (card.note.empty() ? "" : "; ") + format_change(r.result->metrics.at(name) - b->second, 3) + " to " +
                 (r.baseline_name.empty() ? "baseline" : r.baseline_name);
  return card;
}

std::vector<HtmlPage::Card> cards_of(const EvalReport& r) {
  std::vector<HtmlPage::Card> out;
  for (const int64_t k : r.ks)
    if (out.size() < 3) out.push_back(card_of(r, "recall@" + std::to_string(k)));
  for (const char* name : {"map@r", "ap.finite", "r_precision"}) out.push_back(card_of(r, name));
  return out;
}

void add_curves(HtmlPage& page, const EvalReport& r) {
  page.heading("Curves");
  const std::vector<NamedResult> results = {{"this run", r.result}};
  page.figures({recall_chart(results), precision_recall_chart(results)});
  const bool hits =
      std::all_of(r.result->queries.begin(), r.result->queries.end(), [](const auto& q) { return !q.top.empty(); });
  page.raw(hits ? retrieval_threshold_slider(*r.result, r.queries.labels, r.gallery.labels, r.threshold)
                : score_histogram(*r.result, "Scores of relevant and other pairs"));
}

void add_worst(HtmlPage& page, const EvalReport& r) {
  const auto worst = worst_queries(r, r.worst_queries);
  if (worst.empty()) return;
  page.heading("Worst queries");
  page.paragraph(
      "Lowest average precision first, at most three of a class. After the query come its first hits, best "
      "first, with their cosine: \u2713 right, \u2717 wrong; \u201cmissed\u201d is the best true match where it is not "
      "among them.");
  std::vector<SheetRow> rows;
  for (const size_t i : worst) rows.push_back(query_row(r, r.result->queries[i]));
  page.raw(contact_sheet(rows));
}

void add_pairs(HtmlPage& page, const EvalReport& r, const std::vector<ConfusedPair>& pairs) {
  if (pairs.empty()) return;
  page.heading("Confused classes");
  std::vector<std::vector<std::string>> rows;
  for (const auto& p : pairs)
    rows.push_back({label_name(r, p.first), label_name(r, p.second), format_count(p.errors),
                    format_count(p.errors - p.reverse), format_count(p.reverse)});
  std::vector<SheetRow> sheet;
  for (size_t i = 0; i < std::min(pairs.size(), static_cast<size_t>(r.confusable_pairs)); ++i)
    sheet.push_back(pair_row(r, pairs[i]));
  page.raw(contact_sheet(sheet));
  page.table({"A", "B", "errors", "A answered by B", "B answered by A"}, rows, "Wrong first hits by pair of classes",
             40);
}

void add_classes(HtmlPage& page, const EvalReport& r) {
  page.heading("Classes");
  std::vector<std::vector<std::string>> sizes, rows;
  for (const auto& b : size_buckets(*r.result))
    sizes.push_back({b.name, format_count(b.queries), number(b.first_hit), number(b.ap)});
  page.table({"relevant pictures", "queries", "first hit right", "mean AP"}, sizes, "By number of relevant pictures");
  for (const auto& c : class_scores(r))
    rows.push_back({label_name(r, c.label), format_count(c.queries), format_count(c.gallery), number(c.first_hit),
                    number(c.ap), number(c.map_at_r)});
  page.table({"class", "queries", "in gallery", "first hit right", "mean AP", "map@r"}, rows, "By class, worst first",
             100);
}

void add_metrics(HtmlPage& page, const EvalReport& r) {
  page.heading("Metrics");
  std::vector<std::string> header = {"metric", "value", "95 % interval"};
  if (!r.baseline.empty()) header.push_back("change to " + (r.baseline_name.empty() ? "baseline" : r.baseline_name));
  std::vector<std::vector<std::string>> rows;
  for (const auto& name : metric_names(r.ks)) {
    const double value = r.result->metrics.at(name);
    const auto interval = r.result->intervals.find(name);
    const auto base = r.baseline.find(name);
    rows.push_back({name, format_number(value, 4),
                    interval == r.result->intervals.end() ? "-" : format_interval(interval->second, 4),
                    base == r.baseline.end() ? "-" : format_change(value - base->second, 4)});
  }
  page.table(header, rows, "All metrics");
  page.paragraph("Intervals are 95 % percentile bootstraps over queries. Equal scores are ordered by id" +
                 std::string(r.result->ties == 0 ? "; no relevant item is tied with another."
                                                 : "; in " + format_quantity(r.result->ties, "query", "queries") +
                                                       " a relevant item is tied with another one.") +
                 (r.same_set ? " Every query is left out of its own gallery by id." : ""));
  add_definitions(page, r.ks);
}

}  // namespace

HtmlPage eval_report_page(const EvalReport& r) {
  check(r);
  const auto pairs = confused_pairs(r);
  HtmlPage page(r.title);
  page.lead(eval_lead(r, pairs));
  page.cards(cards_of(r));
  add_curves(page, r);
  add_worst(page, r);
  add_pairs(page, r, pairs);
  add_classes(page, r);
  add_metrics(page, r);
  page.heading("Provenance");
  if (!r.next.empty()) page.details("Commands to go on with", join(r.next, "\n"));
  std::vector<Fact> facts = r.provenance;
  facts.push_back({"queries", format_count(static_cast<int64_t>(r.result->queries.size())) + " scored, " +
                                  format_count(r.result->excluded) + " without a relevant item"});
  facts.push_back({"gallery", format_quantity(static_cast<int64_t>(r.gallery.labels.size()), "item", "items")});
  facts.push_back({"evaluation time", format_number(r.result->seconds, 2) + " s, exact search"});
  page.facts(facts);
  return page;
}

void write_eval_report(const fs::path& file, const EvalReport& report) { eval_report_page(report).write(file); }

}  // namespace winnow
