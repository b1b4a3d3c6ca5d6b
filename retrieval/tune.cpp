#include "retrieval/tune.h"

#include <algorithm>
#include <chrono>

#include "retrieval/exact_scan.h"
#include "retrieval/faiss_index.h"
#include "retrieval/sealed_json.h"
#include "retrieval/searcher.h"
#include "retrieval/tuning_file.h"
#include "src/core/clock.h"
#include "src/core/error.h"
#include "src/core/interrupt.h"
#include "src/core/parallel.h"
#include "src/core/random.h"
#include "src/core/tables.h"
#include "src/core/text.h"

namespace winnow {
namespace {

constexpr int64_t kNeighbours = 10;
constexpr int64_t kTimedQueries = 200;
constexpr int64_t kMaxProbe = 4096;

using Clock = std::chrono::steady_clock;
double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// Unit rows to build on, unit rows to ask with, and the exact answers.
struct Trial {
  int64_t dim = 0, all_rows = 0;
  std::vector<float> rows, queries;
  std::vector<std::vector<Scored>> exact;
  int64_t count() const { return static_cast<int64_t>(rows.size()) / dim; }
  int64_t asked() const { return static_cast<int64_t>(queries.size()) / dim; }
};

void append_unit(const Embeddings& slice, int64_t row, int64_t dim, std::vector<float>& out) {
  out.resize(out.size() + static_cast<size_t>(dim));
  if (normalise(slice.vector(row).data(), out.data() + out.size() - dim, dim)) return;
  throw Error(ErrorCode::kData, "[" + (slice.folder() / "vectors.npy").string() + "] row " + std::to_string(row) +
                                    ": a finite vector other than zero is required for a cosine");
}

Trial draw(std::span<const Embeddings> slices, const TuneOptions& options) {
  Trial trial;
  trial.dim = slices.front().dim();
  std::vector<std::pair<size_t, int64_t>> places;
  for (size_t s = 0; s < slices.size(); ++s) {
    for (int64_t row = 0; row < slices[s].rows(); ++row) places.emplace_back(s, row);
  }
  trial.all_rows = static_cast<int64_t>(places.size());
  if (trial.all_rows < 50) {
    throw Error(ErrorCode::kData, "[index tune] at least 50 vectors are required to measure anything, got " +
                                      std::to_string(trial.all_rows));
  }
  Random(options.seed, "index.tune").shuffle(places);
  const size_t asked = std::min(static_cast<size_t>(std::max<int64_t>(options.queries, 1)), places.size() / 5);
  // Positions of stored rows rise with their place in the files, as in a real index.
  std::sort(places.begin() + static_cast<int64_t>(asked), places.end());
  trial.rows.reserve((places.size() - asked) * static_cast<size_t>(trial.dim));
  for (size_t i = 0; i < places.size(); ++i) {
    append_unit(slices[places[i].first], places[i].second, trial.dim, i < asked ? trial.queries : trial.rows);
  }
  return trial;
}

FaissIndex build(const IndexPlan& plan, const Trial& trial, uint64_t seed) {
  FaissIndex index = make_faiss_index(plan.factory, trial.dim, trial.count(), seed);
  train_faiss_index(index, plan.factory, trial.rows.data(), trial.count(), seed);
  add_to_faiss_index(index, plan.factory, trial.rows.data(), trial.count(), 0);
  return index;
}

/// Share of the exact ten best that were found; a hit that scores as the tenth counts.
double recall(const Searcher& searcher, const Trial& trial) {
  const auto found = searcher.search(trial.queries.data(), trial.asked(), kNeighbours, nullptr, nullptr);
  int64_t wanted = 0, right = 0;
  for (size_t q = 0; q < found.size(); ++q) {
    const auto& exact = trial.exact[q];
    wanted += static_cast<int64_t>(exact.size());
    right +=
        std::count_if(found[q].begin(), found[q].end(), [&](const Scored& s) { return s.score >= exact.back().score; });
  }
  return static_cast<double>(right) / static_cast<double>(wanted);
}

/// A query in microseconds on one thread: the best of three runs, because other jobs can only slow it down.
double time_query(const Searcher& searcher, const Trial& trial) {
  const int64_t asked = std::min(trial.asked(), kTimedQueries);
  const int before = thread_count();
  set_thread_count(1);
  double best = 0;
  for (int run = 0; run < 3; ++run) {
    const auto start = Clock::now();
    for (int64_t q = 0; q < asked; ++q) {
      searcher.search(trial.queries.data() + q * trial.dim, 1, kNeighbours, nullptr, nullptr);
    }
    const double seconds = since(start);
    best = run == 0 ? seconds : std::min(best, seconds);
  }
  set_thread_count(before);
  return best * 1e6 / static_cast<double>(asked);
}

/// Points of one built index with growing probe, up to the first that reaches the target; then the smallest such probe.
void measure(const IndexPlan& plan, FaissIndex& index, double build_seconds, const Trial& trial,
             const TuneOptions& options, std::vector<TunePoint>& points) {
  const Searcher searcher(index, trial.rows.data());
  const double scale = static_cast<double>(trial.all_rows) / static_cast<double>(trial.count());
  const auto bytes = static_cast<uint64_t>(static_cast<double>(faiss_index_bytes(index)) * scale);
  const auto at = [&](int64_t probe) {
    if (interrupted()) throw Error(ErrorCode::kInterrupted, "[index tune] stopped; nothing was stored");
    index.set_probe(probe);
    TunePoint p{plan.type, plan.factory, probe, recall(searcher, trial), time_query(searcher, trial),
                bytes,     build_seconds};
    p.fits = options.memory == 0 || bytes <= options.memory;
    p.reaches = p.recall_at_10 >= options.target_recall;
    points.push_back(p);
    return p.reaches;
  };
  if (!index.ivf && !index.hnsw) {
    at(0);
    return;
  }
  const int64_t most = index.ivf ? std::min<int64_t>(kMaxProbe, index.ivf_lists()) : kMaxProbe;
  int64_t failed = 0, probe = index.ivf ? 1 : 16;
  for (; !at(std::min(probe, most)); probe *= 2) {
    failed = std::min(probe, most);
    if (probe >= most) return;
  }
  int64_t reached = std::min(probe, most);
  while (reached - failed > std::max<int64_t>(1, reached / 16)) {
    const int64_t middle = (failed + reached) / 2;
    (at(middle) ? reached : failed) = middle;
  }
}

void mark_pareto(std::vector<TunePoint>& points) {
  for (auto& p : points) {
    p.pareto = std::none_of(points.begin(), points.end(), [&](const TunePoint& q) {
      const bool no_worse = q.recall_at_10 >= p.recall_at_10 && q.micros <= p.micros && q.bytes <= p.bytes;
      return no_worse && (q.recall_at_10 > p.recall_at_10 || q.micros < p.micros || q.bytes < p.bytes);
    });
  }
}

void choose(Tuning& tuning) {
  TunePoint* best = nullptr;
  const TunePoint* nearest = nullptr;
  for (auto& p : tuning.points) {
    if (!p.fits) continue;
    if (!nearest || p.recall_at_10 > nearest->recall_at_10) nearest = &p;
    if (p.reaches && (!best || p.micros < best->micros)) best = &p;
  }
  if (!best) {
    throw Error(ErrorCode::kConfig, nearest ? "[index tune] recall@10 " + format_number(tuning.target_recall, 4) +
                                                  " is required, the best within the budget is " +
                                                  format_number(nearest->recall_at_10, 4) + " (" + nearest->factory +
                                                  ", probe " + std::to_string(nearest->probe) + ")"
                                            : "[index tune] no index type fits " + format_bytes(tuning.memory));
  }
  best->chosen = true;
  tuning.reason = best->factory + " reaches recall@10 " + format_number(best->recall_at_10, 4) + " (target " +
                  format_number(tuning.target_recall, 4) + ") in " + format_number(best->micros, 0) +
                  " us a query with " + format_bytes(best->bytes);
}

/// Types worth building for so many rows; those that cannot fit the budget are left out before they cost time.
std::vector<IndexPlan> candidates(const TuneOptions& options, const Trial& trial) {
  std::vector<std::string> types = options.types;
  if (types.empty()) {
    types = {"flat", "SQ8"};
    const int64_t m = trial.dim % 4 == 0 ? trial.dim / 4 : 0;
    if (trial.count() >= 2000) {
      const std::string ivf = plan_index("ivf", trial.count(), trial.dim, 0).factory;
      const std::string lists = ivf.substr(0, ivf.find(','));
      types.insert(types.end(), {"hnsw", "ivf", "ivfsq8"});
      if (m > 0 && trial.count() >= 10'000) {
        types.push_back("ivfpq");
        types.push_back(lists + ",PQ" + std::to_string(2 * m) + "x4fs");
        types.push_back("OPQ" + std::to_string(2 * m) + "," + lists + ",PQ" + std::to_string(2 * m) + "x4fs");
      }
    }
  }
  std::vector<IndexPlan> plans;
  for (const auto& type : types) {
    auto plan = plan_index(type, trial.count(), trial.dim, 0);
    if (options.memory == 0 || plan.bytes <= options.memory) plans.push_back(std::move(plan));
  }
  return plans;
}

}  // namespace

Tuning tune_index(std::span<const Embeddings> slices, const fs::path& folder, const TuneOptions& options,
                  const std::function<void(const std::string&)>& on_step) {
  if (slices.empty() || !(options.target_recall > 0 && options.target_recall <= 1)) {
    throw Error(ErrorCode::kUsage, "[index tune] embeddings and a target recall in (0, 1] are required");
  }
  const auto step = [&](const std::string& text) {
    if (on_step) on_step(text);
  };
  Trial trial = draw(slices, options);
  step("exact neighbours of " + grouped(trial.asked()) + " held-out rows among " + grouped(trial.count()));
  {
    const FaissIndex flat = build(plan_index("flat", trial.count(), trial.dim, 0), trial, options.seed);
    trial.exact =
        Searcher(flat, trial.rows.data()).search(trial.queries.data(), trial.asked(), kNeighbours, nullptr, nullptr);
  }
  Tuning tuning;
  for (const auto& plan : candidates(options, trial)) {
    step(plan.factory);
    const auto start = Clock::now();
    FaissIndex index = build(plan, trial, options.seed);
    measure(plan, index, since(start), trial, options, tuning.points);
  }
  tuning.target_recall = options.target_recall;
  tuning.memory = options.memory;
  tuning.rows = trial.all_rows;
  tuning.measured_rows = trial.count();
  tuning.dim = trial.dim;
  tuning.queries = trial.asked();
  tuning.model_digest = slices.front().info().model_digest;
  tuning.faiss_version = faiss_version();
  tuning.created = utc_now();
  mark_pareto(tuning.points);
  choose(tuning);
  write_tuning(folder, tuning);
  return tuning;
}

}  // namespace winnow
