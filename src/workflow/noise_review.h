#pragma once

#include "src/workflow/noise_rank.h"

namespace winnow {

/// Review page of the first `count` suspects, with pictures where their source is still there.
void write_noise_review(const fs::path& file, const NoiseJudgement& judgement, int64_t count);

/// Blind check: page of `suspects` flagged and as many other rows, and a CSV row,path,label,kind that says which is
/// which (not to be looked at before the check). @param key  CSV to write
void write_audit_page(const fs::path& file, const fs::path& key, const NoiseJudgement& judgement, int64_t each,
                      uint64_t seed);

struct AuditOutcome {
  int64_t suspects_wrong = 0, suspects_checked = 0, others_wrong = 0, others_checked = 0, unsure = 0, flagged = 0,
          rows = 0;
  Share precision, recall, rate;
};
/// @param answers  CSV row, decision (keep = right, relabel or drop = wrong, unsure = left out)
/// @throws Error(kData) for rows that are not in the key
AuditOutcome judge_audit_answers(const fs::path& answers, const fs::path& key);

}  // namespace winnow
