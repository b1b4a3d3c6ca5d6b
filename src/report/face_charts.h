#pragma once

#include <string>
#include <vector>

#include "src/evaluation/face/open_set.h"
#include "src/evaluation/face/verification.h"

namespace winnow {

/// TAR over FAR, FAR logarithmic from one false accept of all impostors.
std::string roc_chart(const VerificationScores& scores);
/// Share of genuine pairs refused over FAR, FAR logarithmic.
std::string det_chart(const VerificationScores& scores);
/// FNIR over FPIR of a 1:N search at rank 1, FPIR logarithmic.
std::string open_set_chart(const OpenSetSearch& search);
/// Share of mated probes with their mate among the first k.
std::string cmc_chart(const std::vector<double>& cmc);

}  // namespace winnow
