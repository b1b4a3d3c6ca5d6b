#include <algorithm>
#include <cmath>

#include "retrieval/loaded_generation.h"
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

/// Share of the exact 10 best that the index finds; a hit that scores as the 10th best counts.
void measure_recall(const LoadedGeneration& loaded, int64_t sample, uint64_t seed, IndexVerification& result) {
  const int64_t n = loaded.manifest.info.count, dim = loaded.manifest.info.dim;
  // One more, because the query finds itself.
  const int64_t k = std::min<int64_t>(11, n);
  Random random(seed, "index.verify");
  const float* rows = loaded.vectors->float32().data();
  int64_t wanted = 0, found = 0;
  for (int64_t i = 0; i < std::min(sample, n); ++i) {
    const auto row = static_cast<int64_t>(random.below(static_cast<uint64_t>(n)));
    const float* query = rows + row * dim;
    const auto exact = loaded.searcher->scan(query, 1, k, nullptr).front();
    const auto got = loaded.searcher->search(query, 1, k, nullptr, nullptr).front();
    const auto others = [&](const Scored& s) { return s.position != row && s.score >= exact.back().score; };
    wanted += std::min(k - 1, std::count_if(exact.begin(), exact.end(), others));
    found += std::min(k - 1, std::count_if(got.begin(), got.end(), others));
    ++result.sample;
  }
  result.recall_at_10 = wanted > 0 ? static_cast<double>(found) / static_cast<double>(wanted) : 1;
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
      const auto loaded = load_generation(generation);
      check_rows(loaded, result);
      measure_recall(loaded, sample, seed, result);
    });
  }
  result.ok = result.problems.empty();
  return result;
}

}  // namespace winnow
