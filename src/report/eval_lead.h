#pragma once

#include <string>
#include <vector>

#include "src/report/eval_findings.h"

namespace winnow {

/// Is it good, where does it fail, what to do next: three sentences with numbers.
std::vector<std::string> eval_lead(const EvalReport& report, const std::vector<ConfusedPair>& pairs);

}  // namespace winnow
