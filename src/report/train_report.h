#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "src/report/html.h"

namespace winnow {

/// One epoch as metrics.jsonl has it.
struct TrainEpoch {
  int64_t epoch = 0;  ///< 1-based
  double loss = 0, learning_rate = 0, images_per_second = 0;
  double wait_share = 0;  ///< in [0, 1]: share of the time the trainer waited for data
  double seconds = 0;
  double mean_pair_distance = 0;  ///< mean 1 - cosine of random pairs; near 0 = collapse
  double embedding_rank = 0;      ///< effective rank of the batch
  std::map<std::string, double> log, validation;
};

struct TrainReport {
  std::string name;              ///< of the run
  std::string select = "map@r";  ///< validation metric that chose the checkpoint
  int64_t planned_epochs = 0;    ///< 0 = as many as there are
  std::vector<TrainEpoch> epochs;
  std::string config;                  ///< resolved YAML
  std::vector<std::string> diagnosis;  ///< sentences of the watchdog and the sampler, shown before our own
  std::vector<std::string> next;       ///< commands to go on with
  std::vector<Fact> provenance;
};

/// What the curves say, in sentences: falling or stuck loss, validation past its best (memorised labels), collapse,
/// time spent waiting for data. Empty when nothing stands out.
std::vector<std::string> diagnose_training(const TrainReport& report);

/// Three sentences, cards, curves (loss, validation, learning rate, pair distance and rank, speed and waiting, what the
/// loss logged), epoch table, configuration, provenance.
HtmlPage train_report_page(const TrainReport& report);
/// Atomic.
void write_train_report(const fs::path& file, const TrainReport& report);

}  // namespace winnow
