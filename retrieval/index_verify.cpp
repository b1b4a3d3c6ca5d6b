#include <algorithm>
#include <cmath>

#include "retrieval/live_state.h"
#include "retrieval/recall.h"
#include "src/core/error.h"
#include "src/core/random.h"

namespace winnow {
namespace {

/// Runs one check and lists what it throws.
template <typename Check>
bool listed(IndexVerification& result, Check&& check) {
  try {
    check();
    return true;
  } catch (const Error& e) {
    result.problems.emplace_back(e.what());
    return false;
  }
}

void check_rows(const LoadedGeneration& loaded, IndexVerification& result) {
  const auto ids = loaded.ids();
  const auto table = loaded.items->ids();
  if (!std::equal(ids.begin(), ids.end(), table.begin(), table.end())) {
    result.problems.emplace_back("items.sqlite and ids.npy do not hold the same ids");
  }
  if (std::adjacent_find(ids.begin(), ids.end(), std::greater_equal<>()) != ids.end()) {
    result.problems.emplace_back("ids.npy: ascending ids are required");
  }
  const auto vectors = loaded.vectors->float32();
  const int64_t dim = loaded.manifest.info.dim;
  for (int64_t row = 0; row < loaded.manifest.info.count; ++row) {
    double length = 0;
    for (const float v : vectors.subspan(static_cast<size_t>(row * dim), static_cast<size_t>(dim))) length += v * v;
    if (std::fabs(length - 1) < 1e-4) continue;
    result.problems.emplace_back("vectors.npy: unit length is required, row " + std::to_string(row) +
                                 " has the squared length " + std::to_string(length));
    return;
  }
  if (loaded.index->flat && !std::equal(vectors.begin(), vectors.end(), loaded.index->flat)) {
    result.problems.emplace_back("vectors.faiss and vectors.npy do not hold the same vectors");
  }
}

/// A live item finds itself at its own vector, and nothing that was removed or replaced is ever returned.
void check_ids(const Snapshot& state, int64_t sample, uint64_t seed, IndexVerification& result) {
  const auto live = state.ids("");
  if (live.empty()) return;
  Random random(seed, "index.verify.ids");
  for (int64_t i = 0; i < std::min(sample, state.live()); ++i) {
    const int64_t id = live[random.below(live.size())];
    const float* vector = state.vector(*state.find(id));
    ++result.checked_ids;
    const auto found = state.search(vector, 1, 10, "", false, nullptr);
    for (const auto& hit : found.front()) {
      const auto place = state.find(hit.position);
      if (place && hit.score == exact_score(vector, state.vector(*place), state.dim())) continue;
      result.problems.push_back("a search returns id " + std::to_string(hit.position) +
                                (place ? " with the score of another vector" : ", which was removed"));
      return;
    }
  }
}

}  // namespace

IndexVerification verify_index(const fs::path& folder, int64_t sample, uint64_t seed) {
  IndexVerification result;
  const fs::path generation = current_generation(folder);
  Manifest manifest;
  if (listed(result, [&] { manifest = read_manifest(generation); })) {
    for (const auto& [name, expected] : manifest.files) {
      listed(result, [&, file = generation / name, &want = expected] { check_file(file, want, true); });
    }
  }
  if (result.problems.empty()) {
    listed(result, [&] {
      const auto state = open_snapshot(generation, nullptr);
      result.recall_then = manifest.info.recall_at_10;
      check_rows(state->base(), result);
      const auto measured = recall_at_10(state->base(), sample, seed);
      result.recall_at_10 = measured.recall;
      result.sample = measured.queries;
      check_ids(*state, sample, seed, result);
    });
  }
  result.ok = result.problems.empty();
  return result;
}

}  // namespace winnow
