#pragma once

#include "src/core/files.h"
#include "src/labels/estimate.h"

namespace winnow {

/// A row of the review list.
struct Suspect {
  int64_t position = 0;                             ///< in the given labels
  float score = 0;                                  ///< in [0, 1]: how suspect
  int32_t suggested = -1;                           ///< likely right class; -1 = none
  float confidence = 0;                             ///< in [0, 1]: that the suggestion is right
  bool flagged = false;                             ///< among the estimated number of wrong labels
  std::string kind, reason;                         ///< kind: see NoiseEstimate; reason: one sentence
  std::vector<int64_t> near_given, near_suggested;  ///< up to five neighbours of either class, nearest first
};

struct RankRequest {
  GivenLabels given;
  const std::vector<Signal>& signals;
  const Combined& combined;
  const NoiseEstimate& estimate;
  const NeighbourTable* neighbours = nullptr;  ///< for the evidence rows
  int64_t top = 0;                             ///< 0 = all rows
};

/// All rows, most suspect first; ties by position.
std::vector<Suspect> rank_suspects(const RankRequest& request);

/// Where rows are found again.
struct RowNames {
  std::vector<int64_t> rows;       ///< stable row numbers
  std::vector<std::string> paths;  ///< may be empty
};

/// CSV row,path,label,score,suggested,confidence,reason,kind,suspect,near_given,near_suggested. Atomic.
void write_suspects_csv(const fs::path& file, const std::vector<Suspect>& suspects, const GivenLabels& given,
                        const RowNames& names);
/// The same, one JSON object a line.
void write_suspects_jsonl(const fs::path& file, const std::vector<Suspect>& suspects, const GivenLabels& given,
                          const RowNames& names);

}  // namespace winnow
