#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "src/core/files.h"

namespace winnow {

struct DemoOptions {
  std::string out = "demo-run";
  int64_t epochs = 16;
  double noise = 0.4;  ///< share of wrong training labels
  uint64_t seed = 7;
  bool fresh = false;  ///< train again even when OUT holds finished runs of the same settings
};

struct DemoResult {
  fs::path report;
  std::map<std::string, double> plain, seccnn;  ///< metrics of the held-out classes
  std::string query, first_hit, summary;
  double seconds = 0;
};

/// Generated catalogue with wrong labels -> two trainings under equal budgets (plain normalised softmax, and the same
/// with SECCNN targets) -> embeddings -> index -> a query with an unseen picture -> evaluation of both -> one report.
/// A second call reuses what is finished.
DemoResult run_demo(const DemoOptions& options);

}  // namespace winnow
