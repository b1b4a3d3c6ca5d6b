#include "src/evaluation/face/megaface.h"

#include <algorithm>
#include <map>

#include "src/core/error.h"
#include "src/core/parallel.h"
#include "src/evaluation/face/all_pairs.h"

namespace winnow {
namespace {

/// The genuine scores of one probe, ascending, and how many distractors fall below each gap.
struct Probe {
  std::vector<float> genuine;
  std::vector<int64_t> over, not_below;  ///< by gap: distractors > and >= (as in all_pairs.cpp)
};

void check(const MegaFaceInput& in) {
  const bool fits =
      static_cast<int64_t>(in.person.size()) == in.probes.rows &&
      (in.noisy_probe.empty() || static_cast<int64_t>(in.noisy_probe.size()) == in.probes.rows) &&
      (in.noisy_distractor.empty() || static_cast<int64_t>(in.noisy_distractor.size()) == in.distractors.rows);
  if (!fits) throw Error(ErrorCode::kShape, "[megaface] one person and one noise mark a row are required");
  if (in.distractors.rows == 0) throw Error(ErrorCode::kData, "[megaface] distractors are required, got none");
}

std::map<int64_t, std::vector<int64_t>> photos(std::span<const int64_t> person) {
  std::map<int64_t, std::vector<int64_t>> out;
  for (size_t i = 0; i < person.size(); ++i) out[person[i]].push_back(static_cast<int64_t>(i));
  return out;
}

std::vector<Probe> genuine_scores(const VectorRows& probes, std::span<const int64_t> person, MegaFaceResult& out) {
  std::vector<Probe> all(static_cast<size_t>(probes.rows));
  for (const auto& [who, rows] : photos(person)) {
    const auto block = score_block(probes, rows, rows);
    for (size_t i = 0; i < rows.size(); ++i)
      for (size_t j = 0; j < rows.size(); ++j) {
        if (i == j) continue;
        const float score = block[std::min(i, j) * rows.size() + std::max(i, j)];
        all[static_cast<size_t>(rows[i])].genuine.push_back(score);
        if (i > j) continue;
        out.verification.genuine.push_back(static_cast<double>(score));
        ++out.genuine_histogram[histogram_bin(score)];
      }
  }
  for (auto& p : all) {
    std::sort(p.genuine.begin(), p.genuine.end());
    p.over.resize(p.genuine.size() + 1);
    p.not_below.resize(p.genuine.size() + 1);
    out.trials += static_cast<int64_t>(p.genuine.size());
  }
  if (out.trials == 0) throw Error(ErrorCode::kData, "[megaface] no person has two photos among the probes");
  std::sort(out.verification.genuine.begin(), out.verification.genuine.end(), std::greater<>());
  return all;
}

void add_ranks(std::vector<Probe>& probes, MegaFaceResult& out) {
  for (auto& p : probes) {
    int64_t over = 0, not_below = 0;
    for (size_t g = p.genuine.size(); g > 0; --g) {
      over += p.over[g];
      not_below += p.not_below[g];
      if (not_below < static_cast<int64_t>(out.cmc.size())) ++out.cmc[static_cast<size_t>(not_below)];
      if (over < static_cast<int64_t>(out.cmc.size())) ++out.cmc_optimistic[static_cast<size_t>(over)];
    }
  }
  for (auto* cmc : {&out.cmc, &out.cmc_optimistic}) {
    double sum = 0;
    for (double& v : *cmc) v = (sum += v) / static_cast<double>(out.trials);
  }
}

struct Slot {
  TopScores top;
  std::vector<int64_t> over, not_below;  ///< by gap of all genuine scores, for the verification counts
  std::vector<int64_t> histogram = std::vector<int64_t>(100);
};

}  // namespace

std::vector<float> refined_probes(const MegaFaceInput& in) {
  std::vector<float> out(in.probes.values.begin(), in.probes.values.end());
  if (in.noisy_probe.empty()) return out;
  const auto dim = static_cast<size_t>(in.probes.dim);
  for (const auto& [who, rows] : photos(in.person)) {
    std::vector<double> centre(dim);
    for (const int64_t row : rows)
      if (!in.noisy_probe[static_cast<size_t>(row)])
        for (size_t d = 0; d < dim; ++d)
          centre[d] += static_cast<double>(in.probes.values[static_cast<size_t>(row) * dim + d]);
    if (!normalise(centre)) continue;
    for (const int64_t row : rows)
      if (in.noisy_probe[static_cast<size_t>(row)])
        for (size_t d = 0; d < dim; ++d) out[static_cast<size_t>(row) * dim + d] = static_cast<float>(centre[d]);
  }
  return out;
}

std::vector<float> with_noise_dimension(const VectorRows& vectors, std::span<const char> noisy) {
  std::vector<float> out;
  for (int64_t r = 0; r < vectors.rows; ++r) {
    const auto row = vectors.values.subspan(static_cast<size_t>(r * vectors.dim), static_cast<size_t>(vectors.dim));
    out.insert(out.end(), row.begin(), row.end());
    out.push_back(!noisy.empty() && noisy[static_cast<size_t>(r)] ? 100.f : 0.f);
  }
  return out;
}

MegaFaceResult score_megaface(const MegaFaceInput& in, int64_t max_rank, int64_t keep) {
  check(in);
  MegaFaceResult out;
  out.noisy_probes = std::count(in.noisy_probe.begin(), in.noisy_probe.end(), 1);
  out.noisy_distractors = std::count(in.noisy_distractor.begin(), in.noisy_distractor.end(), 1);
  out.cmc.resize(static_cast<size_t>(max_rank));
  out.cmc_optimistic.resize(static_cast<size_t>(max_rank));
  const std::vector<float> refined = refined_probes(in);
  const VectorRows probe_rows{refined, in.probes.rows, in.probes.dim};
  auto probes = genuine_scores(probe_rows, in.person, out);
  auto& v = out.verification;
  std::vector<float> gaps;
  for (auto at = v.genuine.rbegin(); at != v.genuine.rend(); ++at) gaps.push_back(static_cast<float>(*at));
  std::vector<Slot> slots;
  for (int i = 0; i < thread_count(); ++i)
    slots.push_back({TopScores(keep), std::vector<int64_t>(gaps.size() + 1), std::vector<int64_t>(gaps.size() + 1)});
  const auto count = [](const std::vector<float>& sorted, float score, std::vector<int64_t>& over,
                        std::vector<int64_t>& not_below) {
    ++over[static_cast<size_t>(std::lower_bound(sorted.begin(), sorted.end(), score) - sorted.begin())];
    ++not_below[static_cast<size_t>(std::upper_bound(sorted.begin(), sorted.end(), score) - sorted.begin())];
  };
  for_each_score_row(
      probe_rows, in.distractors, false, [&](int slot, int64_t q, int64_t first, std::span<const float> scores) {
        Slot& s = slots[static_cast<size_t>(slot)];
        Probe& p = probes[static_cast<size_t>(q)];
        for (size_t i = 0; i < scores.size(); ++i) {
          const int64_t row = first + static_cast<int64_t>(i);
          const bool noisy = !in.noisy_distractor.empty() && in.noisy_distractor[static_cast<size_t>(row)];
          const float score = noisy ? -2.f : scores[i];
          count(p.genuine, score, p.over, p.not_below);
          count(gaps, score, s.over, s.not_below);
          ++s.histogram[histogram_bin(score)];
          s.top.add(score, static_cast<int32_t>(q), static_cast<int32_t>(row));
        }
      });
  for (const auto& s : slots)
    for (size_t b = 0; b < s.histogram.size(); ++b) out.impostor_histogram[b] += s.histogram[b];
  add_ranks(probes, out);
  v.impostors = in.probes.rows * in.distractors.rows;
  v.above.resize(gaps.size());
  v.at_least.resize(gaps.size());
  int64_t over = 0, not_below = 0;
  for (size_t g = gaps.size(); g > 0; --g) {
    for (const auto& s : slots) {
      over += s.over[g];
      not_below += s.not_below[g];
    }
    v.above[gaps.size() - g] = over;
    v.at_least[gaps.size() - g] = not_below;
  }
  for (size_t i = 1; i < slots.size(); ++i) slots[0].top.merge(std::move(slots[i].top));
  for (const auto& e : slots[0].top.take()) v.impostor.push_back(static_cast<double>(e.score));
  return out;
}

}  // namespace winnow
