#pragma once

#include <nlohmann/json.hpp>

#include "src/evaluation/truth.h"
#include "src/workflow/evaluate.h"

namespace winnow {

// What evaluate_folders and evaluate_protocol share.

/// Opens both sides. @throws Error(kMismatch) when they come from different models
EvaluationRun open_folders(const fs::path& queries, const fs::path& gallery);

/// Says what memory the evaluation will take, runs it with progress, and measures what it took.
/// @throws Error(kDevice) when options.memory cannot hold the results alone
void measure(EvaluationRun& run, const VectorSet& queries, const VectorSet& gallery, const Truth& truth,
             const RetrievalOptions& options);

nlohmann::ordered_json evaluation_document(const EvaluationRun& run);

}  // namespace winnow
