#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "src/core/files.h"

namespace winnow {

/// Difference of one metric to the model of the given labels, with its 95 % paired bootstrap interval.
struct LoopGain {
  double difference = 0, low = 0, high = 0;
  /// The interval excludes zero.
  bool certain() const { return low > 0 || high < 0; }
};

/// What a column of true labels says about a step; shares in [0, 1].
struct LoopTruth {
  double wrong = 0;                                ///< of the labels that this step's model was trained on
  double relabelled_right = 0, dropped_right = 0;  ///< right decisions; 1 where there were none
};

/// One model of a repair loop and the labels that it was trained on.
struct LoopStep {
  std::string name, folder;                       ///< folder below the loop's
  int64_t rows = 0, relabelled = 0, dropped = 0;  ///< labels it was trained on; changes against the given ones
  std::string estimate;                           ///< sentence about the rate before this step; "" = not judged
  std::map<std::string, double> metrics;          ///< on the held-out clean set
  std::map<std::string, LoopGain> gain;           ///< by metric; empty for the given labels
  std::optional<LoopTruth> truth;
  double seconds = 0;  ///< training, embedding and measuring
};

struct LoopVerdict {
  size_t winner = 0;    ///< index of the step to use
  bool earned = false;  ///< the winner was trained on repaired labels
  std::string text;     ///< one or two plain sentences
};

/// The step with the highest `metric` among those that beat the given labels (steps[0]) beyond chance, else the given
/// labels. `stopped` says why no labels were repaired, "" otherwise. @param steps  at least one
LoopVerdict judge_loop(const std::vector<LoopStep>& steps, const std::string& metric, const std::string& stopped);

/// Header and cells of the table of steps, as the page and stdout show it.
struct LoopTable {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
};
LoopTable loop_table(const std::vector<LoopStep>& steps, const std::vector<std::string>& metrics);

/// One self-contained page: verdict, table, curve over the steps, how to undo each. Atomic. @param metrics  first
/// decides
void write_loop_page(const fs::path& file, const std::string& title, const std::vector<LoopStep>& steps,
                     const std::vector<std::string>& metrics, const LoopVerdict& verdict);

}  // namespace winnow
