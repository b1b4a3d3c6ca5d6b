#pragma once

#include "src/workflow/face/eval.h"

namespace winnow {

// The steps protocols share; each adds to the run.

/// AUC, EER, TAR at every FAR by every rule, strict intervals over people (when they are known and all scores kept).
void add_verification(FaceRun& run, VerificationScores scores, const std::vector<double>& fars, int64_t bootstrap,
                      uint64_t seed);
/// CMC, MRR, TPIR and FNIR at every FPIR by every rule.
void add_search(FaceRun& run, OpenSetSearch search, const std::vector<double>& fpirs, int64_t rank,
                const std::string& suffix = "");
/// Warns above 0.1 % failed extractions: failed impostors and distractors flatter the score.
void add_failures(FaceRun& run);
/// The set's notes and facts become the run's.
void adopt_set(FaceRun& run, FaceSet set);
/// Normalised float rows of the set: views summed when there are mirrored ones.
std::vector<float> unit_rows(const FaceFeatures& features);

FaceRun run_pair_protocol(const FaceEvalOptions& options);
FaceRun run_all_pairs(const FaceEvalOptions& options);
FaceRun run_identify(const FaceEvalOptions& options);
FaceRun run_cluster(const FaceEvalOptions& options);
FaceRun run_ijb_verify(const FaceEvalOptions& options);
FaceRun run_ijb_identify(const FaceEvalOptions& options);
FaceRun run_megaface(const FaceEvalOptions& options);

}  // namespace winnow
