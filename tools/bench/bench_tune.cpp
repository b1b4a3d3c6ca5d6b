// Does `index tune` keep its word? Clustered vectors are tuned to a recall target and built with the choice; recall and
// time are then measured on queries that neither has seen.
//   bench_tune [--rows N] [--dim D] [--target R] [--type T]... [--folder F] [--smoke]
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "retrieval/tune.h"
#include "src/core/parallel.h"
#include "src/core/random.h"
#include "src/core/text.h"

namespace {

using winnow::Random;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Rows around N / 50 centres; `stream` 1 gives further rows around the same centres.
std::vector<float> vectors(int64_t n, int64_t dim, int64_t centres, uint64_t stream) {
  std::vector<float> rows(static_cast<size_t>(n * dim));
  winnow::parallel_for(n, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      Random random(1, "bench.rows", static_cast<uint64_t>(row), stream);
      Random centre(1, "bench.centres", random.below(static_cast<uint64_t>(centres)));
      for (int64_t d = 0; d < dim; ++d)
        rows[static_cast<size_t>(row * dim + d)] = static_cast<float>(centre.normal() + 0.8 * random.normal());
    }
  });
  return rows;
}

void write_embeddings(const fs::path& folder, int64_t n, int64_t dim) {
  if (fs::exists(folder / "card.json")) return;
  const auto rows = vectors(n, dim, n / 50, 0);
  winnow::EmbeddingsWriter writer(folder, dim, n, {});
  for (int64_t i = 0; i < n; ++i)
    writer.add({i, std::to_string(i) + ".jpg", std::to_string(i % 100), {}},
               std::span(rows).subspan(static_cast<size_t>(i * dim), static_cast<size_t>(dim)));
  writer.commit();
}

double recall(const std::vector<std::vector<winnow::Hit>>& exact, const std::vector<std::vector<winnow::Hit>>& got) {
  int64_t wanted = 0, found = 0;
  for (size_t q = 0; q < exact.size(); ++q) {
    wanted += static_cast<int64_t>(exact[q].size());
    for (const auto& hit : got[q]) found += hit.score >= exact[q].back().score;
  }
  return static_cast<double>(found) / static_cast<double>(wanted);
}

struct Args {
  int64_t rows = 1'000'000, dim = 128;
  winnow::TuneOptions tune;
  fs::path folder = fs::temp_directory_path() / "winnow-bench-tune";
};

Args parse(int argc, char** argv) {
  Args args;
  args.tune.target_recall = 0.95;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--smoke") {
      args.rows = 2000, args.dim = 16, args.tune.types = {"flat", "ivf"}, args.folder += "-smoke";
      continue;
    }
    const std::string value = i + 1 < argc ? argv[++i] : "";
    if (name == "--rows") args.rows = std::stoll(value);
    if (name == "--dim") args.dim = std::stoll(value);
    if (name == "--target") args.tune.target_recall = std::stod(value);
    if (name == "--type") args.tune.types.push_back(value);
    if (name == "--folder") args.folder = value;
  }
  return args;
}

void print_points(const winnow::Tuning& tuning) {
  for (const auto& p : tuning.points)
    std::printf("%-28s probe %5lld  recall@10 %.4f  %8.0f us  %9s  build %.0f s%s%s\n", p.factory.c_str(),
                static_cast<long long>(p.probe), p.recall_at_10, p.micros, winnow::format_bytes(p.bytes).c_str(),
                p.build_seconds, p.pareto ? "  front" : "", p.chosen ? "  CHOSEN" : "");
}

}  // namespace

int main(int argc, char** argv) {
  const Args args = parse(argc, argv);
  winnow::init_search_threads();
  write_embeddings(args.folder / "emb", args.rows, args.dim);
  const std::vector<winnow::Embeddings> slices = {winnow::Embeddings::open(args.folder / "emb", false)};
  const auto say = [](const std::string& step) { std::fprintf(stderr, "%s\n", step.c_str()); };
  auto start = Clock::now();
  const auto tuning = winnow::tune_index(slices, args.folder / "idx", args.tune, say);
  std::printf("tune: %.0f s\n", since(start));
  print_points(tuning);
  std::fflush(stdout);
  const auto info = winnow::build_index(slices[0], args.folder / "idx", {}, say);
  std::printf("build: %s, probe %lld, %.0f s, %s\n", info.factory.c_str(), static_cast<long long>(info.probe),
              info.build_seconds, winnow::format_bytes(info.index_bytes).c_str());
  const auto index = winnow::Index::open(args.folder / "idx");
  const auto fresh = vectors(1000, args.dim, args.rows / 50, 1);
  const auto exact = index->search(fresh, {.k = 10, .exact = true});
  start = Clock::now();
  const auto got = index->search(fresh, {.k = 10});
  const double seconds = since(start);
  std::printf("fresh queries: recall@10 %.4f, target %.4f; batch of 1,000 on %d threads: %.0f queries/s; peak RSS %s\n",
              recall(exact, got), args.tune.target_recall, winnow::thread_count(), 1000 / seconds,
              winnow::format_bytes(winnow::peak_rss_bytes()).c_str());
  return 0;
}
