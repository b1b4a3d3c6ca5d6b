#pragma once

#include <nlohmann/json_fwd.hpp>

#include "src/workflow/noise_source.h"

namespace winnow {

/// Signals, their sum and what follows from it. Not copyable: the signals' reasons refer into it.
struct NoiseJudgement {
  NoiseRequest request;
  NoiseSource source;
  NeighbourTable neighbours;
  std::vector<std::pair<int64_t, int64_t>> twins;  ///< verified duplicates under two labels, positions
  std::vector<Signal> signals;
  Combined combined;
  NoiseEstimate estimate;
  std::vector<Suspect> suspects;  ///< all rows (or `top`), most suspect first
};

/// Names of the signals, with what each needs.
const std::vector<std::pair<std::string, std::string>>& noise_methods();

/// @throws Error(kUsage) for an unknown method or one the input does not allow
std::unique_ptr<NoiseJudgement> judge_labels(const NoiseRequest& request);

/// Document of `noise estimate --json`; the transition matrix as its cells with at least half a row.
nlohmann::ordered_json estimate_document(const NoiseJudgement& judgement);
std::string estimate_text(const NoiseJudgement& judgement);

}  // namespace winnow
