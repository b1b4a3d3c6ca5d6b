// Index types on clustered unit vectors: build, open, queries a second alone and in batches, filtered queries,
// recall@10.
//   bench_index [--benchmark_filter=...]      sizes are in the names: BM_Search/type/n/d/nq
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "retrieval/index.h"
#include "src/core/parallel.h"
#include "src/core/random.h"

namespace {

namespace fs = std::filesystem;
using winnow::Index;

fs::path scratch() {
  static const struct Folder {
    fs::path path = fs::temp_directory_path() / ("winnow-bench-" + std::to_string(::getpid()));
    ~Folder() {
      std::error_code ignored;
      fs::remove_all(path, ignored);
    }
  } folder;
  return folder.path;
}

/// Vectors around n / 50 centres: nearest neighbours are then a matter of degree, as with real embeddings.
std::vector<float> vectors(int64_t n, int64_t dim, uint64_t stream) {
  const auto centres = static_cast<uint64_t>(std::max<int64_t>(1, n / 50));
  std::vector<float> rows(static_cast<size_t>(n * dim));
  winnow::parallel_for(n, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      winnow::Random random(1, "bench.rows", static_cast<uint64_t>(row), stream);
      winnow::Random centre(1, "bench.centres", random.below(centres));
      for (int64_t d = 0; d < dim; ++d) {
        rows[static_cast<size_t>(row * dim + d)] = static_cast<float>(centre.normal() + 0.8 * random.normal());
      }
    }
  });
  return rows;
}

winnow::Embeddings embeddings(int64_t n, int64_t dim) {
  const fs::path folder = scratch() / ("emb-" + std::to_string(n) + "-" + std::to_string(dim));
  if (!fs::exists(folder / "card.json")) {
    const auto rows = vectors(n, dim, 0);
    winnow::EmbeddingsWriter writer(folder, dim, n, {});
    for (int64_t i = 0; i < n; ++i) {
      writer.add({i, std::to_string(i) + ".jpg", std::to_string(i % 100), {}},
                 std::span(rows).subspan(static_cast<size_t>(i * dim), static_cast<size_t>(dim)));
    }
    writer.commit();
  }
  return winnow::Embeddings::open(folder, false);
}

fs::path index_folder(const std::string& type, int64_t n, int64_t dim) {
  std::string name = "idx-" + type + "-" + std::to_string(n) + "-" + std::to_string(dim);
  const fs::path folder = scratch() / name;
  if (!fs::exists(folder / "CURRENT")) {
    winnow::IndexBuildOptions options;
    options.type = type;
    winnow::build_index(embeddings(n, dim), folder, options);
  }
  return folder;
}

const Index& opened(const std::string& type, int64_t n, int64_t dim) {
  static std::map<fs::path, std::unique_ptr<Index>> open;
  const fs::path folder = index_folder(type, n, dim);
  auto& index = open[folder];
  if (!index) index = Index::open(folder);
  return *index;
}

void BM_Build(benchmark::State& state, const std::string& type) {
  const auto e = embeddings(state.range(0), state.range(1));
  winnow::IndexBuildOptions options;
  options.type = type;
  for (auto _ : state) winnow::build_index(e, scratch() / "build", options);
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void BM_Open(benchmark::State& state, const std::string& type) {
  const fs::path folder = index_folder(type, state.range(0), state.range(1));
  for (auto _ : state) benchmark::DoNotOptimize(Index::open(folder));
}

void BM_Search(benchmark::State& state, const std::string& type, const std::string& where) {
  const int64_t n = state.range(0), dim = state.range(1), nq = state.range(2);
  const auto& index = opened(type, n, dim);
  const auto queries = vectors(nq, dim, 1);
  winnow::SearchOptions options;
  options.where = where;
  for (auto _ : state) benchmark::DoNotOptimize(index.search(queries, options));
  state.SetItemsProcessed(state.iterations() * nq);
  if (where.empty() && nq == 1) {
    state.counters["recall@10"] = winnow::verify_index(index_folder(type, n, dim), 100, 1).recall_at_10;
  }
}

void register_all(int64_t n, int64_t dim) {
  for (const std::string type : {"flat", "ivf", "ivfpq", "ivfsq8", "hnsw"}) {
    benchmark::RegisterBenchmark(("BM_Build/" + type).c_str(), BM_Build, type)
        ->Args({n, dim})
        ->ArgNames({"n", "d"})
        ->Iterations(1)
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
    benchmark::RegisterBenchmark(("BM_Open/" + type).c_str(), BM_Open, type)
        ->Args({n, dim})
        ->ArgNames({"n", "d"})
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
    for (const int64_t nq : {1, 256}) {
      benchmark::RegisterBenchmark(("BM_Search/" + type).c_str(), BM_Search, type, "")
          ->Args({n, dim, nq})
          ->ArgNames({"n", "d", "nq"})
          ->Unit(benchmark::kMillisecond)
          ->UseRealTime();
    }
    for (const std::string where : {"label = '7'", "label <> '7'"}) {
      benchmark::RegisterBenchmark(("BM_Search/" + type + "/where:" + where).c_str(), BM_Search, type, where)
          ->Args({n, dim, 1})
          ->ArgNames({"n", "d", "nq"})
          ->Unit(benchmark::kMillisecond)
          ->UseRealTime();
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<char*> rest;
  bool smoke = false;
  for (int i = 0; i < argc; ++i) {
    if (std::string(argv[i]) == "--smoke") {
      smoke = true;
    } else {
      rest.push_back(argv[i]);
    }
  }
  std::string quick = "--benchmark_min_time=0.001";
  if (smoke) rest.push_back(quick.data());
  int count = static_cast<int>(rest.size());
  winnow::init_search_threads();
  register_all(smoke ? 2000 : 100'000, smoke ? 16 : 128);
  benchmark::Initialize(&count, rest.data());
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
