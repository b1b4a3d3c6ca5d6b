#include "retrieval/index.h"

#include <algorithm>
#include <mutex>

#include "retrieval/exact_scan.h"
#include "retrieval/faiss_compat.h"
#include "retrieval/generation.h"
#include "retrieval/item_table.h"
#include "retrieval/loaded_generation.h"
#include "src/core/error.h"
#include "src/core/parallel.h"
#include "src/core/text.h"

namespace winnow {
namespace {

class GenerationIndex final : public Index {
 public:
  explicit GenerationIndex(LoadedGeneration&& loaded) : loaded_(std::move(loaded)) {}

  const IndexInfo& info() const override { return loaded_.manifest.info; }
  int64_t size() const override { return info().count; }
  int64_t dim() const override { return info().dim; }
  std::vector<std::string> columns() const override { return loaded_.items->columns(); }

  std::vector<std::vector<Hit>> search(std::span<const float> queries, const SearchOptions& options) const override;

  IndexItem item(int64_t id) const override { return loaded_.items->item(require_position(id)); }
  std::vector<float> vector(int64_t id) const override {
    const float* row = loaded_.rows() + require_position(id) * dim();
    return {row, row + dim()};
  }
  std::string last_plan() const override {
    const std::lock_guard<std::mutex> lock(plan_mutex_);
    return plan_;
  }

 private:
  std::vector<float> unit_queries(std::span<const float> queries) const;
  std::vector<Hit> hits(std::vector<Scored> found, int64_t left_out, const SearchOptions& options) const;
  /// Position of an id, or -1: rows are sorted by id.
  int64_t position(int64_t id) const {
    const auto ids = loaded_.ids();
    const auto at = std::lower_bound(ids.begin(), ids.end(), id);
    return at != ids.end() && *at == id ? at - ids.begin() : -1;
  }
  int64_t require_position(int64_t id) const {
    const int64_t at = position(id);
    if (at < 0) {
      throw Error(ErrorCode::kNotFound, "[index] an id of the index is required, there is no item " +
                                            std::to_string(id) + " (" + std::to_string(size()) + " items, ids " +
                                            std::to_string(loaded_.ids().front()) + " to " +
                                            std::to_string(loaded_.ids().back()) + ")");
    }
    return at;
  }

  LoadedGeneration loaded_;
  mutable std::mutex plan_mutex_;
  mutable std::string plan_;
};

std::vector<float> GenerationIndex::unit_queries(std::span<const float> queries) const {
  const auto values = static_cast<int64_t>(queries.size());
  if (values % dim() != 0) {
    throw Error(ErrorCode::kShape, "[index search] queries of [Q, " + std::to_string(dim()) +
                                       "] values are required, got " + std::to_string(values) + " values");
  }
  std::vector<float> unit(queries.size());
  for (int64_t at = 0; at < values; at += dim()) {
    if (normalise(queries.data() + at, unit.data() + at, dim())) continue;
    throw Error(ErrorCode::kData, "[index search] query " + std::to_string(at / dim()) +
                                      ": a finite vector other than zero is required for a cosine");
  }
  return unit;
}

std::vector<Hit> GenerationIndex::hits(std::vector<Scored> found, int64_t left_out,
                                       const SearchOptions& options) const {
  std::vector<Hit> out;
  const auto ids = loaded_.ids();
  for (const auto& one : found) {
    if (one.score < options.min_score || static_cast<int64_t>(out.size()) == options.k) break;
    if (one.position != left_out) out.push_back({ids[static_cast<size_t>(one.position)], one.score});
  }
  return out;
}

std::vector<std::vector<Hit>> GenerationIndex::search(std::span<const float> queries,
                                                      const SearchOptions& options) const {
  if (options.k < 1 || options.min_score != options.min_score) {
    throw Error(ErrorCode::kUsage, "[index search] k >= 1 and a number as min_score are required, got k " +
                                       std::to_string(options.k) + ", min_score " + std::to_string(options.min_score));
  }
  const auto unit = unit_queries(queries);
  const auto count = static_cast<int64_t>(queries.size()) / dim();
  const std::string where(trim(options.where));
  const auto allowed = where.empty() ? nullptr : loaded_.items->filter(where);
  const int64_t left_out = options.exclude ? position(*options.exclude) : -1;
  const int64_t k = std::min(options.k, size()) + (left_out >= 0);
  std::string plan;
  auto found = loaded_.searcher->search(unit.data(), count, k, allowed.get(), allowed ? &plan : nullptr);
  std::vector<std::vector<Hit>> out;
  out.reserve(found.size());
  for (auto& one : found) out.push_back(hits(std::move(one), left_out, options));
  const std::lock_guard<std::mutex> lock(plan_mutex_);
  plan_ = std::move(plan);
  return out;
}

}  // namespace

std::unique_ptr<Index> Index::open(const fs::path& folder) {
  // A writer may replace and remove the generation between reading CURRENT and opening its files.
  for (int attempt = 0;; ++attempt) {
    const fs::path generation = current_generation(folder);
    try {
      return std::make_unique<GenerationIndex>(load_generation(generation));
    } catch (const Error&) {
      if (attempt == 4 || current_generation(folder) == generation) throw;
    }
  }
}

IndexInfo read_index_info(const fs::path& folder) {
  for (int attempt = 0;; ++attempt) {
    const fs::path generation = current_generation(folder);
    try {
      return read_manifest(generation).info;
    } catch (const Error&) {
      if (attempt == 4 || current_generation(folder) == generation) throw;
    }
  }
}

std::string faiss_version() { return faiss_compat::version(); }

void init_search_threads() { omp_set_num_threads(thread_count()); }

}  // namespace winnow
