#pragma once

#include <string>
#include <vector>

#include "src/workflow/evaluate.h"

namespace winnow {

/// One HTML file of an evaluation with the pictures behind the errors (pictures that are gone are left out).
/// @param ks  the ranks the run was made with. @param command  the command line, for provenance
void write_eval_report(const fs::path& file, const EvaluationRun& run, const std::vector<int64_t>& ks,
                       const std::vector<std::string>& command);

}  // namespace winnow
