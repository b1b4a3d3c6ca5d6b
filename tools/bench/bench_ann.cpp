// One index type on vectors that lie around centres in 24 of their dimensions, with growing probe, for a comparison
// with another program on the same files (index_against_faiss.py drives both).
//   bench_ann make PREFIX [rows dim queries]      writes PREFIXx.f32, PREFIXy.f32 (unit rows) and PREFIXt.i64 (exact
//   ten)
//   bench_ann PREFIX DIM FACTORY [keep=FILE] PROBE...   a JSON line for the build, then one a probe until recall@10 is
//   0.99; an index kept in FILE by an earlier run is taken from there
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "retrieval/exact_scan.h"
#include "retrieval/generation.h"
#include "retrieval/index.h"
#include "retrieval/searcher.h"
#include "src/core/parallel.h"
#include "src/core/random.h"

namespace {

using winnow::Random;
using Clock = std::chrono::steady_clock;
double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

constexpr int64_t kNeighbours = 10, kLatent = 24, kCentres = 2000;

/// Row = A (centre + 0.7 noise) + 0.1 noise at unit length, A random [dim, 24]: neighbours are a matter of degree.
std::vector<float> vectors(int64_t n, int64_t dim, uint64_t stream) {
  std::vector<double> mix(static_cast<size_t>(dim * kLatent));
  Random mixing(1, "ann.mix");
  for (double& a : mix) a = mixing.normal() / std::sqrt(double(kLatent));
  std::vector<float> rows(static_cast<size_t>(n * dim));
  winnow::parallel_for(n, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      Random random(1, "ann.rows", static_cast<uint64_t>(row), stream);
      Random centre(1, "ann.centres", random.below(kCentres));
      double z[kLatent];
      for (double& value : z) value = centre.normal() + 0.7 * random.normal();
      float* out = &rows[static_cast<size_t>(row * dim)];
      for (int64_t d = 0; d < dim; ++d) {
        double sum = 0.1 * random.normal();
        for (int64_t k = 0; k < kLatent; ++k) sum += mix[static_cast<size_t>(d * kLatent + k)] * z[k];
        out[d] = static_cast<float>(sum);
      }
      winnow::normalise(out, out, dim);
    }
  });
  return rows;
}

template <typename T>
void write(const std::string& file, const std::vector<T>& values) {
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(T)));
}

template <typename T>
std::vector<T> read(const std::string& file) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in) throw std::runtime_error("no " + file);
  std::vector<T> values(static_cast<size_t>(in.tellg()) / sizeof(T));
  in.seekg(0);
  in.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(T)));
  return values;
}

winnow::FaissIndex build(const std::string& factory, const std::vector<float>& rows, int64_t dim, double* train_s,
                         double* add_s) {
  const auto n = static_cast<int64_t>(rows.size()) / dim;
  auto index = winnow::make_faiss_index(factory, dim, n, 1);
  auto start = Clock::now();
  winnow::train_faiss_index(index, factory, rows.data(), n, 1);
  *train_s = since(start);
  start = Clock::now();
  winnow::add_to_faiss_index(index, factory, rows.data(), n, 0);
  *add_s = since(start);
  return index;
}

int make(const std::string& prefix, int64_t n, int64_t dim, int64_t queries) {
  const auto x = vectors(n, dim, 0), y = vectors(queries, dim, 1);
  write(prefix + "x.f32", x);
  write(prefix + "y.f32", y);
  double unused = 0;
  const auto flat = build("Flat", x, dim, &unused, &unused);
  std::vector<int64_t> truth;
  for (const auto& hits : winnow::Searcher(flat, x.data()).search(y.data(), queries, kNeighbours, nullptr, nullptr))
    for (const auto& hit : hits) truth.push_back(hit.position);
  write(prefix + "t.i64", truth);
  return 0;
}

winnow::FaissIndex build_or_read(const std::string& factory, const std::string& keep, const std::vector<float>& rows,
                                 int64_t dim, double* train_s, double* add_s) {
  if (!keep.empty() && winnow::fs::exists(keep)) {
    return winnow::read_faiss_index(keep, winnow::measure_file(keep), winnow::faiss_version());
  }
  auto index = build(factory, rows, dim, train_s, add_s);
  if (!keep.empty()) winnow::write_faiss_index(index, keep);
  return index;
}

int measure(const std::string& prefix, int64_t dim, const std::string& factory, const std::string& keep,
            const std::vector<int64_t>& probes) {
  const auto x = read<float>(prefix + "x.f32"), y = read<float>(prefix + "y.f32");
  const auto truth = read<int64_t>(prefix + "t.i64");
  const auto queries = static_cast<int64_t>(y.size()) / dim;
  double train_s = 0, add_s = 0;
  auto index = build_or_read(factory, keep, x, dim, &train_s, &add_s);
  std::printf("{\"what\": \"build\", \"train_s\": %.1f, \"add_s\": %.1f, \"index_mib\": %.1f, \"faiss\": \"%s\"}\n",
              train_s, add_s, static_cast<double>(winnow::faiss_index_bytes(index)) / (1 << 20),
              winnow::faiss_version().c_str());
  const winnow::Searcher searcher(index, index.flat ? index.flat : x.data());  // as a loaded index does
  for (const int64_t probe : probes) {
    index.set_probe(probe);
    double best = 1e9;
    int64_t found = 0;
    for (int run = 0; run < 3; ++run) {
      const auto start = Clock::now();
      const auto got = searcher.search(y.data(), queries, kNeighbours, nullptr, nullptr);
      best = std::min(best, since(start));
      found = 0;
      for (int64_t q = 0; q < queries; ++q)
        for (const auto& hit : got[static_cast<size_t>(q)])
          found += std::count(&truth[static_cast<size_t>(q * kNeighbours)],
                              &truth[static_cast<size_t>(q * kNeighbours)] + kNeighbours, hit.position);
    }
    const double recall = static_cast<double>(found) / static_cast<double>(queries * kNeighbours);
    std::printf("{\"what\": \"search\", \"probe\": %lld, \"recall\": %.4f, \"qps\": %.0f}\n",
                static_cast<long long>(probe), recall, static_cast<double>(queries) / best);
    std::fflush(stdout);
    if (recall >= 0.99) break;
  }
  std::printf("{\"what\": \"end\", \"peak_mib\": %.0f, \"threads\": %d}\n",
              static_cast<double>(winnow::peak_rss_bytes()) / (1 << 20), winnow::thread_count());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  winnow::init_search_threads();
  const auto number = [&](size_t i, int64_t otherwise) { return args.size() > i ? std::stoll(args[i]) : otherwise; };
  if (args.size() >= 2 && args[0] == "make")
    return make(args[1], number(2, 1'000'000), number(3, 128), number(4, 2000));
  if (args.size() < 4) {
    std::fprintf(stderr,
                 "bench_ann make PREFIX [rows dim queries] | bench_ann PREFIX DIM FACTORY [keep=FILE] PROBE...\n");
    return 2;
  }
  std::vector<int64_t> probes;
  const std::string keep = args[3].starts_with("keep=") ? args[3].substr(5) : "";
  for (size_t i = keep.empty() ? 3 : 4; i < args.size(); ++i) probes.push_back(std::stoll(args[i]));
  return measure(args[0], std::stoll(args[1]), args[2], keep, probes);
}
