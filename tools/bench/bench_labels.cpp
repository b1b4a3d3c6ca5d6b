// Confident learning on memory-mapped probabilities: seconds, errors found and peak memory, one line of JSON a run.
//   bench_labels P.npy LABELS.npy [FILTER ...]     P float32 [N, C], LABELS integers [N]; default: every filter and
//   score bench_labels --smoke
// Beside cleanlab: tools/bench/labels_against_cleanlab.py
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <numeric>

#include "src/core/clock.h"
#include "src/core/error.h"
#include "src/core/npy.h"
#include "src/core/parallel.h"
#include "src/core/random.h"
#include "src/labels/confident.h"

namespace {

using winnow::Probabilities;

int64_t run_once(const Probabilities& table, std::span<const int64_t> labels, const std::string& what, double& sum) {
  if (what == "normalized_margin") {
    for (const float score : winnow::normalized_margin(table, labels)) sum += score;
    return -1;
  }
  const auto counts = winnow::count_confident(table, labels);
  if (what == "self_confidence") {
    for (const float score : counts.self) sum += score;
    return -1;
  }
  const auto flags = winnow::find_label_errors(table, labels, counts, what);
  return std::accumulate(flags.begin(), flags.end(), int64_t{0});
}

void run(const Probabilities& table, std::span<const int64_t> labels, const std::string& what) {
  double best = 1e9, sum = 0;
  int64_t found = 0;
  for (int repeat = 0; repeat < 3; ++repeat) {
    sum = 0;
    const auto start = std::chrono::steady_clock::now();
    found = run_once(table, labels, what, sum);
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  nlohmann::ordered_json line = {{"call", what}, {"wall_s", best}};
  if (found >= 0) line["found"] = found;
  if (found < 0) line["sum"] = sum;
  line["input_mib"] = static_cast<double>(table.values.size_bytes()) / 1048576.0;
  line["peak_rss_mib"] = static_cast<double>(winnow::peak_rss_bytes()) / 1048576.0;
  line["threads"] = winnow::thread_count();
  std::printf("%s\n", line.dump().c_str());
  std::fflush(stdout);
}

int smoke() {
  const int64_t n = 2000, c = 20;
  std::vector<float> values(static_cast<size_t>(n * c), 0.4f / static_cast<float>(c));
  std::vector<int64_t> labels(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i) {
    winnow::Random random(1, "bench-labels", static_cast<uint64_t>(i));
    const auto right = static_cast<int64_t>(random.below(static_cast<uint64_t>(c)));
    values[static_cast<size_t>(i * c + right)] += 0.6f;
    labels[static_cast<size_t>(i)] =
        random.chance(0.2) ? static_cast<int64_t>(random.below(static_cast<uint64_t>(c))) : right;
  }
  for (const auto& name : winnow::confident_filters()) run({values, n, c}, labels, name);
  return 0;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc == 2 && std::strcmp(argv[1], "--smoke") == 0) return smoke();
  if (argc < 3) {
    std::fprintf(stderr, "bench_labels P.npy LABELS.npy [FILTER ...]\n");
    return 2;
  }
  const winnow::NpyFile table(argv[1]);
  const auto labels = winnow::NpyFile(argv[2]).int64();
  if (table.shape().size() != 2) throw winnow::Error(winnow::ErrorCode::kShape, "[bench] P must have two axes");
  std::vector<std::string> calls(argv + 3, argv + argc);
  if (calls.empty()) {
    calls = winnow::confident_filters();
    calls.insert(calls.end(), {"self_confidence", "normalized_margin"});
  }
  for (const auto& call : calls) run({table.float32(), table.shape()[0], table.shape()[1]}, labels, call);
  return 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench_labels: %s\n", e.what());
  return 4;
}
