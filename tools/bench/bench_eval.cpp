// Exact retrieval evaluation of a set against itself or another: seconds, memory above the vectors, and the share of
// at::mm's speed on the same product. One line of JSON a run.
//   bench_eval X.npy LABELS.npy [REPEATS [METRIC,METRIC .. [QUERIES.npy QUERY_LABELS.npy]]]
// X float32 [N, D] of unit length, LABELS integers [N]. With metrics nothing else is measured; without, whole rankings.
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
#include "src/evaluation/truth.h"
#include "src/tensor/device.h"

namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// GFLOP/s of at::mm of blocks of 1,024 rows with all rows into the same memory again and again, so that no page is
/// made anew.
double speed_of_mm(std::span<const float> vectors, int64_t rows, int64_t dim) {
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
  return 2.0 * static_cast<double>(rows) * static_cast<double>(rows * dim) / best * 1e-9;
}

/// A set with ids 0, 1, ... Its pages are touched: a mapped file grows the resident set as it is read, and that must
/// not count as the evaluation's memory.
struct Rows {
  Rows(std::span<const float> values, int64_t dim_, std::span<const int64_t> labels_)
      : vectors(values), dim(dim_), labels(labels_), ids(labels_.size()) {
    std::iota(ids.begin(), ids.end(), 0);
    sum = std::accumulate(values.begin(), values.end(), 0.0);
  }
  winnow::VectorSet view() const { return {vectors, static_cast<int64_t>(ids.size()), dim, labels, ids}; }
  std::span<const float> vectors;
  int64_t dim;
  std::span<const int64_t> labels;
  std::vector<int64_t> ids;
  double sum = 0;
};

/// @param queries  null: the set against itself
void run(const Rows& rows, const Rows* queries, int repeats, const std::vector<std::string>& metrics = {}) {
  const winnow::VectorSet set = rows.view(), asked = queries ? queries->view() : set;
  winnow::RetrievalOptions options;
  options.same_set = queries == nullptr;
  options.bootstrap = 0;
  options.metrics = metrics;
  options.only_metrics = !metrics.empty();
  const uint64_t before = winnow::peak_rss_bytes();
  winnow::RetrievalResult best;
  nlohmann::ordered_json walls;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    auto result = winnow::evaluate_retrieval(asked, set, options);
    walls.push_back(result.seconds);
    if (repeat == 0 || result.seconds < best.seconds) best = std::move(result);
  }
  const uint64_t after = winnow::peak_rss_bytes();
  const winnow::LabelTruth truth(asked, set, options.same_set, {});
  const double flops = 2.0 * static_cast<double>(asked.rows) * static_cast<double>(set.rows * set.dim);
  const double mm_gflops = speed_of_mm(set.vectors, std::min<int64_t>(set.rows, 50000), set.dim);
  nlohmann::ordered_json line = {
      {"queries", asked.rows}, {"n", set.rows}, {"dim", set.dim}, {"wall_s", best.seconds}, {"walls_s", walls}};
  for (const char* name : {"recall@1", "r_precision", "map@r", "ap.finite"})
    if (best.metrics.contains(name)) line["metrics"][name] = best.metrics[name];
  line["whole_rankings"] = best.whole;
  line["above_vectors_mib"] = static_cast<double>(after - before) / 1048576.0;
  line["stated_mib"] = static_cast<double>(winnow::evaluation_memory(asked, set, truth, options)) / 1048576.0;
  line["gflops"] = flops / best.seconds * 1e-9;
  line["mm_gflops"] = mm_gflops;
  line["share_of_mm"] = flops / best.seconds * 1e-9 / mm_gflops;
  line["threads"] = winnow::thread_count();
  line["sum"] = rows.sum;
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
  const Rows set(vectors, dim, labels);
  run(set, nullptr, 1);
  run(set, &set, 1, {"recall@1", "r_precision", "map@r"});
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
  const Rows set(vectors.float32(), vectors.shape()[1], labels);
  const int repeats = argc > 3 ? std::max(1, std::atoi(argv[3])) : 3;
  const auto metrics = argc > 4 && *argv[4] ? winnow::split(argv[4], ',') : std::vector<std::string>{};
  if (argc < 7) {
    run(set, nullptr, repeats, metrics);
    return 0;
  }
  const winnow::NpyFile query_vectors(argv[5]);
  const auto query_labels = winnow::NpyFile(argv[6]).int64();
  const Rows queries(query_vectors.float32(), set.dim, query_labels);
  run(set, &queries, repeats, metrics);
  return 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "bench_eval: %s\n", e.what());
  return 4;
}
