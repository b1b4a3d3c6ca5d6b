#include "src/workflow/loop_judge.h"

#include "src/core/csv.h"
#include "src/core/error.h"
#include "src/core/tables.h"
#include "src/workflow/noise_neighbours.h"

namespace winnow {
namespace {

constexpr int64_t kVotes = 20, kReach = 3;  // neighbours that vote; how many more are looked at for them

void check_same_rows(const NoiseSource& a, const NoiseSource& b, const fs::path& folder) {
  if (a.rows.rows != b.rows.rows || a.labels != b.labels || a.names != b.names)
    throw Error(ErrorCode::kShape, "[loop] " + folder.string() + " must hold the same rows and labels as the first, " +
                                       std::to_string(a.labels.size()) + " rows; got " +
                                       std::to_string(b.labels.size()));
}

/// The first kVotes neighbours of each row that may vote.
NeighbourTable voting_neighbours(const NoiseSource& source, const std::set<int64_t>& voters) {
  if (voters.empty()) return self_neighbours(source.unit_vectors(), kVotes);
  const NeighbourTable all = self_neighbours(source.unit_vectors(), kReach * kVotes);
  const auto size = static_cast<size_t>(all.n * kVotes);
  NeighbourTable out{std::vector<int32_t>(size, -1), std::vector<float>(size, 0), all.n, kVotes};
  for (int64_t i = 0; i < all.n; ++i) {
    int64_t used = 0;
    for (int64_t j = i * all.k; j < (i + 1) * all.k && used < kVotes; ++j) {
      const int32_t row = all.rows[static_cast<size_t>(j)];
      if (row < 0 || !voters.contains(source.rows.rows[static_cast<size_t>(row)])) continue;
      out.rows[static_cast<size_t>(i * kVotes + used)] = row;
      out.cosines[static_cast<size_t>(i * kVotes + used++)] = all.cosines[static_cast<size_t>(j)];
    }
  }
  return out;
}

void add_source(LoopJudgement& j, const fs::path& folder, const std::set<int64_t>& voters) {
  NoiseRequest request;
  request.target = folder.string();
  j.sources.push_back(std::make_unique<NoiseSource>(open_noise_source(request)));
  const NoiseSource& source = *j.sources.back();
  check_same_rows(j.labels(), source, folder);
  j.tables.push_back(std::make_unique<NeighbourTable>(voting_neighbours(source, voters)));
  j.signals.push_back(neighbour_signal(*j.tables.back(), source.given()));
  j.signals.push_back(prototype_signal(source.unit_vectors(), source.given()));
  if (!source.trust.empty()) j.signals.push_back(trust_signal(source.trust, source.given()));
}

}  // namespace

std::unique_ptr<LoopJudgement> judge_for_loop(const fs::path& folder, const std::set<int64_t>& voters, uint64_t seed) {
  auto j = std::make_unique<LoopJudgement>();
  ask_one_more(*j, folder, voters, seed);
  return j;
}

void ask_one_more(LoopJudgement& j, const fs::path& folder, const std::set<int64_t>& voters, uint64_t seed) {
  add_source(j, folder, voters);
  if (j.labels().names.size() < 2)
    throw Error(ErrorCode::kData, "[loop] at least two classes are required to tell labels apart, got " +
                                      std::to_string(j.labels().names.size()));
  j.combined = combine_signals(j.signals);
  j.estimate = estimate_noise(j.combined, j.labels().given(), {}, seed);
  j.suspects = rank_suspects({j.labels().given(), j.signals, j.combined, j.estimate, j.tables.front().get(), 0});
}

int64_t write_loop_decisions(const fs::path& file, const LoopJudgement& j, const LoopThresholds& thresholds) {
  const NoiseSource& source = j.labels();
  std::vector<int64_t> left(source.names.size());
  for (const int64_t label : source.labels) ++left[static_cast<size_t>(label)];
  AtomicFile out(file);
  out.write(csv_line({"row", "path", "decision", "new_label", "score", "confidence"}));
  int64_t changed = 0;
  for (const auto& suspect : j.suspects) {
    const auto at = static_cast<size_t>(suspect.position);
    int64_t& own = left[static_cast<size_t>(source.labels[at])];
    const bool free = j.estimate.suspects > 0 && own > thresholds.least;
    std::string decision = "keep", label;
    if (free && suspect.suggested >= 0 && suspect.confidence >= thresholds.accept) {
      decision = "relabel";
      label = source.names[static_cast<size_t>(suspect.suggested)];
      ++left[static_cast<size_t>(suspect.suggested)];
    } else if (free && suspect.score >= thresholds.doubt) {
      decision = "drop";
    }
    if (decision != "keep") {
      --own;
      ++changed;
    }
    out.write(csv_line({std::to_string(source.rows.rows[at]), source.rows.paths[at], decision, label,
                        format_number(suspect.score, 4), format_number(suspect.confidence, 4)}));
  }
  out.commit();
  return changed;
}

}  // namespace winnow
