#pragma once

#include <string>

#include "src/training/config.h"
#include "src/workflow/demo.h"
#include "src/workflow/evaluate.h"
#include "src/workflow/query_engine.h"

namespace winnow {

/// Files of one of the two methods below OUT/plain or OUT/seccnn.
struct DemoSide {
  std::string name;
  fs::path folder;
  fs::path run() const { return folder / "run"; }
  fs::path model() const { return run() / "model"; }
  fs::path gallery() const { return folder / "gallery"; }
  fs::path queries() const { return folder / "queries"; }
  fs::path index() const { return folder / "index"; }
};

/// The settings both methods share; only `targets` differs.
ExperimentConfig demo_config(const DemoOptions& options, const std::string& targets);
/// Trains, embeds gallery and queries, builds the index; what is finished is kept.
void prepare_side(const DemoSide& side, const DemoOptions& options);

/// What is measured of a prepared side.
struct DemoOutcome {
  DemoSide side;
  EvaluationRun run;
  QueryAnswer first;  ///< the first query picture, up to 6 hits
};
DemoOutcome measure_side(const DemoSide& side, const fs::path& query);

/// The page with both. @return its path
fs::path write_demo_page(const DemoOptions& options, const DemoOutcome& plain, const DemoOutcome& seccnn,
                         double seconds);

}  // namespace winnow
