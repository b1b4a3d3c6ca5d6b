#pragma once

#include <string>
#include <vector>

#include "src/core/files.h"
#include "src/core/interval.h"

namespace winnow {

/// A blind check: some suspects and as many others, mixed, without saying which is which.
struct AuditSample {
  std::vector<int64_t> positions;  ///< mixed order
};
/// @param flagged  one flag a row. Fewer rows of a kind than asked for: all of them.
/// @throws Error(kData) when there is no row
AuditSample draw_audit(const std::vector<char>& flagged, int64_t suspects, int64_t others, uint64_t seed);

/// Answers of the check, by kind.
struct AuditCounts {
  int64_t suspects_wrong = 0, suspects_checked = 0, others_wrong = 0, others_checked = 0;
  int64_t flagged = 0, rows = 0;  ///< in the whole data set
};
struct AuditResult {
  Share precision;  ///< suspects that are wrong
  Share recall;     ///< wrong labels that are suspects
  Share rate;       ///< wrong labels among all rows
};
/// Precision by Wilson; recall and rate from 20,000 draws of both shares' Beta posteriors (uniform prior), each kind
/// weighted with its number of rows. @throws Error(kData) when a kind has rows but no answer
AuditResult judge_audit(const AuditCounts& counts, uint64_t seed = 1);

}  // namespace winnow
