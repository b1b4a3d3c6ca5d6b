#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "src/evaluation/face/score_rows.h"

namespace winnow {

/// A 1:N search seen from its probes. A probe is mated when its subject is in the gallery.
struct OpenSetSearch {
  std::vector<double> mate_score;       ///< [mated] the best gallery item of the probe's subject
  std::vector<int64_t> mate_rank;       ///< [mated] pessimistic: 1 + wrong items with a score >= the mate's
  std::vector<int64_t> optimistic;      ///< [mated] 1 + wrong items with a score > the mate's
  std::vector<int64_t> mated_probe;     ///< [mated] row of the probe
  std::vector<double> nonmated_top;     ///< [non-mated] the probe's highest score
  std::vector<int64_t> nonmated_probe;  ///< [non-mated] row of the probe
  int64_t gallery = 0;
};

/// Exact, streamed. @param probe_subject, gallery_subject  by row; a negative probe subject is never mated
/// @throws Error(kShape) when sizes disagree, Error(kData) for an empty gallery
OpenSetSearch search_gallery(const VectorRows& probes, std::span<const int64_t> probe_subject,
                             const VectorRows& gallery, std::span<const int64_t> gallery_subject);
/// From a score matrix [probes, gallery] (small cases and tests).
OpenSetSearch search_matrix(std::span<const double> scores, std::span<const int64_t> probe_subject,
                            std::span<const int64_t> gallery_subject);

/// Three rules for "TPIR at FPIR" (face.md 1.5, 8 check 4).
enum class FpirRule {
  kStrict,    ///< k = floor(f n + 1e-9), accept > s(k+1) of the non-mated maxima
  kIjbEvals,  ///< insightface ijb_evals.py: accept > s(max(int(n f) - 1, 0)): realised (k - 1) / n
  kBlufr      ///< k = round(f n), accept >= s(k); k = 0: between the highest and the lowest mate above it
};
inline constexpr std::array<FpirRule, 3> kFpirRules = {FpirRule::kStrict, FpirRule::kIjbEvals, FpirRule::kBlufr};
std::string fpir_rule_name(FpirRule rule);

struct OpenSetPoint {
  FpirRule rule = FpirRule::kStrict;
  double target = 0, tpir = 0, fpir = 0;  ///< fpir: realised; FNIR = 1 - tpir
  double threshold = 0;
  bool accepts_equal = false, too_few = false;
  int64_t false_alarms = 0, found = 0;
};
/// TPIR = share of mated probes whose mate is accepted and at rank <= `rank`.
/// @throws Error(kData) without mated or without non-mated probes, Error(kUsage) for a target outside [0, 1]
OpenSetPoint tpir_at_fpir(const OpenSetSearch& search, double target, int64_t rank, FpirRule rule);

/// Share of mated probes with rank <= 1, 2, ..., max_rank.
std::vector<double> cumulative_match(const OpenSetSearch& search, int64_t max_rank);
double mean_reciprocal_rank(const OpenSetSearch& search);

/// (FPIR, FNIR) at every distinct non-mated maximum, ascending in FPIR, at most `points`.
std::vector<std::pair<double, double>> det_points(const OpenSetSearch& search, int64_t rank, int64_t points = 200);

}  // namespace winnow
