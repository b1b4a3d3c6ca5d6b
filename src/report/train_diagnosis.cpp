#include <algorithm>
#include <cmath>

#include "src/core/tables.h"
#include "src/report/text_format.h"
#include "src/report/train_curves.h"
#include "src/report/train_report.h"

namespace winnow {
namespace {

std::string number(double v) { return format_number(v, 3); }

void judge_loss(const TrainReport& r, std::vector<std::string>& out) {
  const double first = r.epochs.front().loss, last = r.epochs.back().loss;
  if (r.epochs.size() >= 3 && last > 0.98 * first)
    out.push_back("The loss hardly moved (" + number(first) + " in the first epoch, " + number(last) +
                  " in the last): the learning rate is far too small or too large.");
}

void judge_validation(const TrainReport& r, std::vector<std::string>& out) {
  const TrainEpoch* best = best_epoch(r);
  const TrainEpoch* last = last_validated(r);
  if (!best || last->epoch - best->epoch < 2) return;
  const double top = best->validation.at(r.select), end = last->validation.at(r.select);
  if (top - end > std::max(0.01, 0.05 * top))
    out.push_back(
        "Validation " + r.select + " peaked at " + number(top) + " in epoch " + std::to_string(best->epoch) +
        " and fell to " + number(end) +
        ": the later epochs learned wrong labels or details of the training pictures. Train shorter, or use a "
        "target policy such as SECCNN.");
}

void judge_embeddings(const TrainReport& r, std::vector<std::string>& out) {
  const TrainEpoch& last = r.epochs.back();
  if (last.mean_pair_distance > 0 && last.mean_pair_distance < 0.05)
    out.push_back(
        "Random pairs are only " + number(last.mean_pair_distance) +
        " apart (1 - cosine): the embeddings are close to collapse. Lower the learning rate or the weight of the "
        "pulling term.");
  if (last.embedding_rank > 0 && last.embedding_rank < 3)
    out.push_back("The embeddings span an effective rank of " + format_number(last.embedding_rank, 1) +
                  " only: most dimensions carry nothing.");
}

void judge_speed(const TrainReport& r, std::vector<std::string>& out) {
  const double waited = mean_wait_share(r);
  if (waited > 0.05)
    out.push_back("The trainer waited " + format_percent(waited) +
                  " of the time for pictures: raise data.decode_threads, or keep decoded pictures with data.cache.");
}

void judge_memory(const TrainReport& r, std::vector<std::string>& out) {
  const auto& log = r.epochs.back().log;
  const auto memorised = log.find("memorised");
  if (memorised != log.end() && memorised->second > 0.3)
    out.push_back("By the last epoch " + format_percent(memorised->second) +
                  " of the wrong labels had been learned by heart.");
}

}  // namespace

std::vector<std::string> diagnose_training(const TrainReport& report) {
  std::vector<std::string> out = report.diagnosis;
  if (report.epochs.empty()) return out;
  judge_loss(report, out);
  judge_validation(report, out);
  judge_embeddings(report, out);
  judge_memory(report, out);
  judge_speed(report, out);
  return out;
}

}  // namespace winnow
