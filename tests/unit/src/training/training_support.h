#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "src/training/trainer.h"
#include "tests/support/temp_dir.h"

namespace winnow::test {

/// Writes FOLDER/<class>/<n>.png: 24x24 pictures whose class shows in colour and stripe direction, varied in light,
/// phase and grain.
void make_tiny_pictures(const fs::path& folder, int classes, int per_class, uint64_t seed);

/// small_cnn on 24x24 pictures, 2 epochs of 4 steps of 16, validation pictures as queries against training.
ExperimentConfig tiny_config(const fs::path& train, const fs::path& val);

/// Sets a family member and keeps its default options.
Choice choose(const std::string& name, const Family& family);

TrainResult train_into(ExperimentConfig& config, const fs::path& run, bool resume = false);

std::vector<nlohmann::json> read_lines(const fs::path& jsonl);

/// The epoch lines of RUN/metrics.jsonl without what depends on the clock.
std::vector<nlohmann::json> timeless_epochs(const fs::path& run);

/// A data folder shared by the tests of this binary: 4 classes, 16 training and 6 validation pictures each.
class TinyData {
 public:
  static const TinyData& get();

 private:
  TinyData();
  TempDir folder_;  // before the paths that are made of it

 public:
  const fs::path train, val;
};

}  // namespace winnow::test
