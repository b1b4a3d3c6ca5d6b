#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "src/evaluation/threshold.h"
#include "src/workflow/face/eval.h"

namespace winnow {

struct FaceThreshold {
  FaceRun run;
  std::string target;
  /// Over pairs: right = genuine, wrong = impostor pairs. fpir: over probes: right = enrolled, wrong = strangers.
  Threshold threshold;
  bool by_people = false;         ///< the interval resamples people; else cases (pairs: too narrow), or there is none
  bool of_probes = false;         ///< fpir
  std::vector<WrongPair> behind;  ///< on the wrong side, farthest first; at most 10 of either kind
};

/// The cosine from which two faces count as one person. far: the strict rule (never above the target), recall and
/// precision: over the pairs of the protocol, as find_threshold; both with an interval over people where they are
/// known. fpir: over the probes of a 1:N search, the strict rule, with an interval over strangers. The pictures are
/// compared as a query compares them: one view, unless options.source.flip.
/// @throws Error(kUsage) for a protocol without pairs of faces (fpir: without strangers), Error(kData) for recall or
/// precision where not every score was kept, and what evaluate_faces throws
FaceThreshold face_threshold(FaceEvalOptions options, const std::string& target);

nlohmann::ordered_json face_threshold_document(const FaceThreshold& result);
std::string face_threshold_text(const FaceThreshold& result);

/// As store_threshold of eval_threshold.h. @throws Error(kMismatch) unless the vectors come from that model,
/// Error(kData) when the target was not reached
void store_face_threshold(const fs::path& model, const FaceThreshold& result, const std::string& level);

}  // namespace winnow
