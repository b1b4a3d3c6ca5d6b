#include "src/report/train_report.h"

#include <algorithm>

#include "src/core/progress.h"
#include "src/core/tables.h"
#include "src/core/text.h"
#include "src/report/text_format.h"
#include "src/report/train_curves.h"

namespace winnow {
namespace {

std::string number(double v) { return format_number(v, 3); }

std::string result_sentence(const TrainReport& r) {
  const auto done = static_cast<int64_t>(r.epochs.size());
  std::string out = "After " + std::to_string(done);
  if (r.planned_epochs > done) out += " of " + std::to_string(r.planned_epochs);
  out += done == 1 ? " epoch " : " epochs ";
  const TrainEpoch* best = best_epoch(r);
  if (!best)
    return out + "the training loss went from " + number(r.epochs.front().loss) + " to " +
           number(r.epochs.back().loss) + "; nothing was validated, so how well the model searches is not known yet.";
  out += "the best validation " + r.select + " is " + number(best->validation.at(r.select)) + " (epoch " +
         std::to_string(best->epoch);
  if (const auto recall = best->validation.find("recall@1"); recall != best->validation.end() && r.select != "recall@1")
    out += ", where the first hit is right for " + format_percent(recall->second) + " of the queries";
  return out + ").";
}

std::string health_sentence(const TrainReport& r) {
  const auto& last = r.epochs.back();
  return "Nothing stands out in the curves: the loss fell from " + number(r.epochs.front().loss) + " to " +
         number(last.loss) + ", random pairs are " + number(last.mean_pair_distance) +
         " apart (1 - cosine), and the trainer waited " + format_percent(mean_wait_share(r)) +
         " of the time for pictures.";
}

std::string next_sentence(const TrainReport& r) {
  const TrainEpoch *best = best_epoch(r), *last = last_validated(r);
  const auto done = static_cast<int64_t>(r.epochs.size());
  if (r.planned_epochs > done) return "Next: the run was stopped early and can be resumed; the checkpoint is whole.";
  if (!best) return "Next: evaluate the model on pictures it has not seen (eval retrieval).";
  if (best == last && done >= 3 && r.epochs[static_cast<size_t>(done) - 2].validation.count(r.select)) {
    const double before = r.epochs[static_cast<size_t>(done) - 2].validation.at(r.select);
    if (best->validation.at(r.select) > 1.02 * before)
      return "Next: " + r.select + " was still rising in the last epoch, so train longer.";
  }
  return "Next: embed your pictures with the model of epoch " + std::to_string(best->epoch) +
         ", build an index, and evaluate it on held-out queries.";
}

std::vector<std::string> lead_of(const TrainReport& r) {
  if (r.epochs.empty()) return {"The run has not finished an epoch yet, so there is nothing to show."};
  const auto diagnosis = diagnose_training(r);
  return {result_sentence(r), diagnosis.empty() ? health_sentence(r) : diagnosis.front(), next_sentence(r)};
}

std::vector<HtmlPage::Card> cards_of(const TrainReport& r) {
  std::vector<HtmlPage::Card> out;
  if (const TrainEpoch* best = best_epoch(r))
    for (const auto& name : {std::string("recall@1"), r.select})
      if (const auto v = best->validation.find(name);
          v != best->validation.end() && (out.empty() || name != "recall@1"))
        out.push_back({"validation " + name, number(v->second), "epoch " + std::to_string(best->epoch)});
  double seconds = 0, images = 0;
  for (const auto& e : r.epochs) {
    seconds += e.seconds;
    images += e.images_per_second / static_cast<double>(r.epochs.size());
  }
  out.push_back({"last loss", number(r.epochs.back().loss), "first " + number(r.epochs.front().loss)});
  out.push_back({"images/s", format_number(images, images < 100 ? 1 : 0), "mean over epochs"});
  out.push_back({"waited for data", format_percent(mean_wait_share(r)), "of the training time"});
  out.push_back({"time", format_duration(seconds), std::to_string(r.epochs.size()) + " epochs with validation"});
  return out;
}

std::vector<std::string> charts_of(const TrainReport& r) {
  const auto& e = r.epochs;
  std::vector<std::string> out;
  out.push_back(line_chart({epoch_series("loss", e, [](const TrainEpoch& t) { return t.loss; })},
                           {.title = "Training loss", .x_label = "epoch", .y_label = "mean loss"}));
  if (const auto series = map_series(e, &TrainEpoch::validation, names_in(e, &TrainEpoch::validation)); !series.empty())
    out.push_back(line_chart(
        series, {.title = "Validation, unseen classes or pictures", .x_label = "epoch", .y_label = "value"}));
  out.push_back(line_chart({epoch_series("learning rate", e, [](const TrainEpoch& t) { return t.learning_rate; })},
                           {.title = "Learning rate", .x_label = "epoch", .y_label = "at the last step"}));
  out.push_back(line_chart({epoch_series("distance", e, [](const TrainEpoch& t) { return t.mean_pair_distance; })},
                           {.title = "Mean distance of random pairs", .x_label = "epoch", .y_label = "1 - cosine"}));
  out.push_back(line_chart({epoch_series("rank", e, [](const TrainEpoch& t) { return t.embedding_rank; })},
                           {.title = "Effective rank of the embeddings", .x_label = "epoch", .y_label = "dimensions"}));
  out.push_back(line_chart({epoch_series("waited", e, [](const TrainEpoch& t) { return 100 * t.wait_share; })},
                           {.title = "Time spent waiting for pictures", .x_label = "epoch", .y_label = "% of time"}));
  return out;
}

void add_epoch_table(HtmlPage& page, const TrainReport& r) {
  const auto validation = names_in(r.epochs, &TrainEpoch::validation), log = names_in(r.epochs, &TrainEpoch::log);
  std::vector<std::string> header = {"epoch", "loss"};
  for (const auto& name : validation) header.push_back("val " + name);
  for (const char* name : {"learning rate", "pair distance", "rank", "images/s", "waited %", "seconds"})
    header.emplace_back(name);
  header.insert(header.end(), log.begin(), log.end());
  std::vector<std::vector<std::string>> rows;
  const auto cell = [](const std::map<std::string, double>& values, const std::string& name) {
    const auto found = values.find(name);
    return found == values.end() ? std::string("-") : format_short(found->second);
  };
  for (const auto& e : r.epochs) {
    std::vector<std::string> row = {std::to_string(e.epoch), format_number(e.loss, 4)};
    for (const auto& name : validation) row.push_back(cell(e.validation, name));
    row.push_back(format_short(e.learning_rate));
    row.push_back(number(e.mean_pair_distance));
    row.push_back(format_number(e.embedding_rank, 1));
    row.push_back(format_number(e.images_per_second, 1));
    row.push_back(format_number(100 * e.wait_share, 1));
    row.push_back(format_number(e.seconds, 1));
    for (const auto& name : log) row.push_back(cell(e.log, name));
    rows.push_back(std::move(row));
  }
  page.table(header, rows, "Epochs");
}

/// What losses and policies logged, a chart each: their units differ.
std::vector<std::string> log_charts(const TrainReport& r) {
  std::vector<std::string> out;
  for (const auto& s : map_series(r.epochs, &TrainEpoch::log, names_in(r.epochs, &TrainEpoch::log)))
    out.push_back(line_chart({s}, {.title = s.name, .x_label = "epoch", .y_label = "mean of the epoch"}));
  return out;
}

}  // namespace

HtmlPage train_report_page(const TrainReport& r) {
  HtmlPage page("Training run " + r.name);
  page.lead(lead_of(r));
  if (!r.epochs.empty()) {
    page.cards(cards_of(r));
    page.heading("Curves");
    page.figures(charts_of(r));
    if (const auto diagnosis = diagnose_training(r); diagnosis.size() > 1) {
      page.heading("What stands out");
      for (const auto& sentence : diagnosis) page.paragraph(sentence);
    }
    if (const auto logged = log_charts(r); !logged.empty()) {
      page.heading("What the loss logged");
      page.figures(logged);
    }
    page.heading("Epoch by epoch");
    add_epoch_table(page, r);
  }
  page.heading("Configuration and provenance");
  if (!r.next.empty()) page.details("Commands to go on with", join(r.next, "\n"));
  page.details("Resolved configuration", r.config);
  page.facts(r.provenance);
  return page;
}

void write_train_report(const fs::path& file, const TrainReport& report) { train_report_page(report).write(file); }

}  // namespace winnow
