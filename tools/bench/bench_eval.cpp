// Exact retrieval evaluation of a set against itself: seconds, memory above the vectors, and the share of at::mm's
// speed on the same product. One line of JSON a run.
//   bench_eval X.npy LABELS.npy [REPEATS [METRIC,METRIC ..]]     X float32 [N, D] of unit length, LABELS integers [N]
// With metrics nothing else is measured; without, whole rankings.
//   bench_eval --smoke
// Beside pytorch-metric-learning: tools/bench/eval_against_pml.sh
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/mm.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>
#include <numeric>

#include "src/core/error.h"
#include "src/core/npy.h"
#include "src/core/parallel.h"
#include "src/core/random.h"
#include "src/core/text.h"
#include "src/evaluation/retrieval.h"
#include "src/tensor/device.h"

namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// at::mm of blocks of 1,024 rows with all rows into the same memory again and again, so that no page is made anew.
double seconds_of_mm(std::span<const float> vectors, int64_t rows, int64_t dim) {
  const auto all = at::from_blob(const_cast<float*>(vectors.data()), {rows, dim}, at::kFloat);
  const auto transposed = all.t();
  const auto block = at::empty({std::min<int64_t>(1024, rows), rows}, at::kFloat);
  double best = 1e9;
  for (int repeat = 0; repeat < 3; ++repeat) {
    const auto start = std::chrono::steady_clock::now();
    for (int64_t row = 0; row < rows; row += 1024) {
      const int64_t end = std::min(row + 1024, rows);
      auto out = block.slice(0, 0, end - row);
      at::mm_out(out, all.slice(0, row, end), transposed);
    }
    best = std::min(best, seconds_since(start));
  }
  return best;
}

void run(std::span<const float> vectors, int64_t rows, int64_t dim, std::span<const int64_t> labels, int repeats,
         const std::vector<std::string>& metrics = {}) {
  std::vector<int64_t> ids(static_cast<size_t>(rows));
  std::iota(ids.begin(), ids.end(), 0);
  // A mapped file grows the resident set as it is read; that must not count as the evaluation's memory.
  const double touched = std::accumulate(vectors.begin(), vectors.end(), 0.0);
  const winnow::VectorSet set{vectors, rows, dim, labels, ids};
  winnow::RetrievalOptions options;
  options.same_set = true;
  options.bootstrap = 0;
  options.metrics = metrics;
  options.only_metrics = !metrics.empty();
  const uint64_t before = winnow::peak_rss_bytes();
  winnow::RetrievalResult best;
  nlohmann::ordered_json walls;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    auto result = winnow::evaluate_retrieval(set, set, options);
    walls.push_back(result.seconds);
    if (repeat == 0 || result.seconds < best.seconds) best = std::move(result);
  }
  const uint64_t after = winnow::peak_rss_bytes();
  const double flops = 2.0 * static_cast<double>(rows) * static_cast<double>(rows) * static_cast<double>(dim);
  const double mm = seconds_of_mm(vectors, rows, dim);
  nlohmann::ordered_json line = {{"n", rows}, {"dim", dim}, {"wall_s", best.seconds}, {"walls_s", walls}};
  for (const char* name : {"recall@1", "r_precision", "map@r", "ap.finite"})
    if (best.metrics.contains(name)) line["metrics"][name] = best.metrics[name];
  line["whole_rankings"] = best.whole;
  line["above_vectors_mib"] = static_cast<double>(after - before) / 1048576.0;
  line["stated_mib"] = static_cast<double>(winnow::evaluation_memory(set, set, options)) / 1048576.0;
  line["gflops"] = flops / best.seconds * 1e-9;
  line["mm_gflops"] = flops / mm * 1e-9;
  line["share_of_mm"] = mm / best.seconds;
  line["threads"] = winnow::thread_count();
  line["sum"] = touched;
  std::printf("%s\n", line.dump().c_str());
  std::fflush(stdout);
}

int smoke() {
  const int64_t rows = 600, dim = 24, classes = 12;
  std::vector<float> vectors(static_cast<size_t>(rows * dim));
  std::vector<int64_t> labels(static_cast<size_t>(rows));
  for (int64_t row = 0; row < rows; ++row) {
    winnow::Random random(1, "bench-eval", static_cast<uint64_t>(row));
    labels[static_cast<size_t>(row)] = row % classes;
    double norm = 0;
    float* v = vectors.data() + row * dim;
    for (int64_t k = 0; k < dim; ++k) {
      v[k] = static_cast<float>(random.uniform()) - 0.5f + (k % classes == row % classes ? 0.5f : 0.0f);
      norm += static_cast<double>(v[k]) * v[k];
    }
    for (int64_t k = 0; k < dim; ++k) v[k] /= static_cast<float>(std::sqrt(norm));
  }
  run(vectors, rows, dim, labels, 1);
  run(vectors, rows, dim, labels, 1, {"recall@1", "r_precision", "map@r"});
  return 0;
}

}  // namespace

int main(int argc, char** argv) try {
  winnow::init_torch_threads();
  if (argc == 2 && std::strcmp(argv[1], "--smoke") == 0) return smoke();
  if (argc < 3) {
    std::fprintf(stderr, "bench_eval X.npy LABELS.npy [REPEATS]\n");
    return 2;
  }
  const winnow::NpyFile vectors(argv[1]);
  const auto labels = winnow::NpyFile(argv[2]).int64();
  if (vectors.shape().size() != 2) throw winnow::Error(winnow::ErrorCode::kShape, "[bench] X must have two axes");
  run(vectors.float32(), vectors.shape()[0], vectors.shape()[1], labels, argc > 3 ? std::max(1, std::atoi(argv[3])) : 3,
      argc > 4 ? winnow::split(argv[4], ',') : std::vector<std::string>{});
  return 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench_eval: %s\n", e.what());
  return 4;
}
