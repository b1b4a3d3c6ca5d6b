#pragma once

#include <memory>
#include <set>

#include "src/workflow/noise_source.h"

namespace winnow {

/// Opinions of one or several networks about the same labels. Not copyable: the signals refer into it.
struct LoopJudgement {
  std::vector<std::unique_ptr<NoiseSource>> sources;
  std::vector<std::unique_ptr<NeighbourTable>> tables;
  std::vector<Signal> signals;
  Combined combined;
  NoiseEstimate estimate;
  std::vector<Suspect> suspects;
  const NoiseSource& labels() const { return *sources.front(); }
};

/// The opinion of one network.
/// @param folder  embeddings or run folder: neighbours, prototype and, where a run has it, trust are one signal each
/// @param voters   rows that may vote as neighbours; empty = all. After a repair: those whose label was left alone, so
///   that a row is judged by labels that were found right
/// @throws Error(kData) for fewer than two classes
std::unique_ptr<LoopJudgement> judge_for_loop(const fs::path& folder, const std::set<int64_t>& voters, uint64_t seed);
/// Adds the opinion of a network about the same manifest; combination, estimate and list are made anew.
/// @throws as judge_for_loop, Error(kShape) when the folder holds other rows or labels
void ask_one_more(LoopJudgement& judgement, const fs::path& folder, const std::set<int64_t>& voters, uint64_t seed);

struct LoopThresholds {
  double accept = 0.97;  ///< confidence from which the suggested label is taken; 1 = never but at certainty
  double doubt = 0.6;    ///< score from which a picture whose suggestion is less sure is left out; above 1 = never
  int64_t least = 4;     ///< pictures that every class keeps
};

/// Decisions CSV row,path,decision,new_label,score,confidence for `noise apply`, all rows in order of suspicion.
/// Without an estimate above zero (NoiseEstimate::suspects) every row is kept: a hard row alone is no error. Atomic.
/// @return rows that are relabelled or dropped
int64_t write_loop_decisions(const fs::path& file, const LoopJudgement& judgement, const LoopThresholds& thresholds);

}  // namespace winnow
