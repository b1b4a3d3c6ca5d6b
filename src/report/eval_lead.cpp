#include "src/report/eval_lead.h"

#include <algorithm>

#include "src/core/tables.h"
#include "src/report/text_format.h"

namespace winnow {
namespace {

std::string quoted(const std::string& text) { return "\u201c" + text + "\u201d"; }

std::string percent_interval(const RetrievalResult& result, const std::string& name) {
  const auto found = result.intervals.find(name);
  if (found == result.intervals.end()) return "";
  return " (95 % interval " + format_number(100 * found->second.low, 1) + " to " +
         format_number(100 * found->second.high, 1) + " %)";
}

std::string result_sentence(const EvalReport& report) {
  const auto& result = *report.result;
  const auto ks = std::minmax_element(report.ks.begin(), report.ks.end());
  const std::string first = "recall@" + std::to_string(*ks.first), last = "recall@" + std::to_string(*ks.second);
  const auto within = [](int64_t k) {
    return k == 1 ? "The first hit is" : "One of the first " + std::to_string(k) + " hits is";
  };
  std::string out = within(*ks.first) + std::string(" right for ") + format_percent(result.metrics.at(first)) + " of " +
                    format_quantity(static_cast<int64_t>(result.queries.size()), "query", "queries") +
                    percent_interval(result, first);
  if (*ks.second > *ks.first)
    out += ", and one of the first " + std::to_string(*ks.second) + " for " + format_percent(result.metrics.at(last));
  return out + "; map@r is " + format_metric(result, "map@r") + ".";
}

std::string failure_sentence(const EvalReport& report, const std::vector<ConfusedPair>& pairs) {
  const auto& result = *report.result;
  const auto wrong = std::count_if(result.queries.begin(), result.queries.end(),
                                   [](const QueryResult& q) { return q.first_rank != 0; });
  std::string out;
  if (wrong == 0) {
    out = "No first hit is wrong";
  } else {
    out = "Of " + format_quantity(wrong, "wrong first hit", "wrong first hits");
    const auto suspects = std::count_if(result.queries.begin(), result.queries.end(), [&](const QueryResult& q) {
      return q.first_rank != 0 && unanimous_other_label(report, q) >= 0;
    });
    if (!pairs.empty())
      out += ", " + format_count(pairs[0].errors) + (pairs[0].errors == 1 ? " confuses " : " confuse ") +
             quoted(label_name(report, pairs[0].first)) + " and " + quoted(label_name(report, pairs[0].second)) +
             ", the commonest pair";
    if (suspects > 0)
      out += std::string(pairs.empty() ? "," : ", and") + " " + format_count(suspects) +
             (suspects == 1 ? " has" : " have") +
             " only pictures of one other class around it, so the query's own label may be wrong";
  }
  return out + "; relevant pairs have a mean cosine of " + format_number(result.mean_positive, 2) + ", other pairs " +
         format_number(result.mean_negative, 2) + ".";
}

std::string advice(const EvalReport& report, const std::vector<ConfusedPair>& pairs) {
  const auto& result = *report.result;
  const double first = first_hit_share(result);
  const auto near = std::count_if(result.queries.begin(), result.queries.end(),
                                  [](const QueryResult& q) { return q.first_rank > 0 && q.first_rank < 10; });
  const double wrong = static_cast<double>(result.queries.size()) * (1 - first);
  if (result.mean_positive - result.mean_negative < 0.05)
    return "Next: the model hardly separates classes (the two means nearly agree), so look at its training report "
           "before "
           "anything else.";
  if (first >= 0.98)
    return "Next: little is left to gain here; test with harder or newer pictures before relying on it.";
  if (!pairs.empty() && static_cast<double>(pairs[0].errors) >= 0.1 * wrong && pairs[0].errors >= 3)
    return "Next: look at " + quoted(label_name(report, pairs[0].first)) + " and " +
           quoted(label_name(report, pairs[0].second)) +
           " under Confused classes: merge them if they show one thing, or add pictures that tell them apart.";
  if (static_cast<double>(near) >= 0.5 * wrong)
    return "Next: for " + format_percent(static_cast<double>(near) / wrong) +
           " of the errors a right picture is among the first ten, so re-ranking or longer training should pay.";
  return "Next: go through the worst queries below for wrong labels and odd pictures, then train longer or with more "
         "pictures of the classes at the top of the class table.";
}

std::string left_out(const RetrievalResult& result) {
  std::string out;
  if (result.excluded > 0)
    out = format_quantity(result.excluded, "query has", "queries have") +
          " no relevant picture in the gallery and are left out of every number.";
  return out;
}

}  // namespace

std::vector<std::string> eval_lead(const EvalReport& report, const std::vector<ConfusedPair>& pairs) {
  std::vector<std::string> out = {result_sentence(report), failure_sentence(report, pairs), advice(report, pairs)};
  if (const auto note = left_out(*report.result); !note.empty()) out.push_back(note);
  return out;
}

}  // namespace winnow
