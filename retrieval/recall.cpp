#include "retrieval/recall.h"

#include <algorithm>

#include "src/core/random.h"

namespace winnow {

RecallSample recall_at_10(const LoadedGeneration& loaded, int64_t sample, uint64_t seed) {
  const int64_t n = loaded.manifest.info.count, dim = loaded.manifest.info.dim;
  // One more, because the query finds itself.
  const int64_t k = std::min<int64_t>(11, n);
  Random random(seed, "index.verify");
  int64_t wanted = 0, found = 0;
  RecallSample out;
  for (int64_t i = 0; i < std::min(sample, n); ++i, ++out.queries) {
    const auto row = static_cast<int64_t>(random.below(static_cast<uint64_t>(n)));
    const float* query = loaded.rows() + row * dim;
    const auto exact = loaded.searcher->scan(query, 1, k, nullptr).front();
    const auto got = loaded.searcher->search(query, 1, k, nullptr, nullptr).front();
    const auto others = [&](const Scored& s) { return s.position != row && s.score >= exact.back().score; };
    wanted += std::min(k - 1, std::count_if(exact.begin(), exact.end(), others));
    found += std::min(k - 1, std::count_if(got.begin(), got.end(), others));
  }
  if (wanted > 0) out.recall = static_cast<double>(found) / static_cast<double>(wanted);
  return out;
}

}  // namespace winnow
