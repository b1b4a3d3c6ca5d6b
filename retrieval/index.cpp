#include "retrieval/index.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>

#include "retrieval/exact_scan.h"
#include "retrieval/faiss_compat.h"
#include "retrieval/generation.h"
#include "retrieval/live_state.h"
#include "src/core/error.h"
#include "src/core/parallel.h"
#include "src/core/text.h"

namespace winnow {
namespace {

class SnapshotIndex final : public Index {
 public:
  explicit SnapshotIndex(std::shared_ptr<const Snapshot> state) : state_(std::move(state)), info_(info_of(*state_)) {}

  const IndexInfo& info() const override { return info_; }
  int64_t size() const override { return state_->live(); }
  int64_t dim() const override { return state_->dim(); }
  std::vector<std::string> columns() const override { return state_->base().items->columns(); }

  std::vector<std::vector<Hit>> search(std::span<const float> queries, const SearchOptions& options,
                                       std::string* plan) const override;
  std::vector<std::vector<Hit>> search_range(std::span<const float> queries, float min_score,
                                             const SearchOptions& options) const override;

  bool contains(int64_t id) const override { return state_->find(id).has_value(); }
  std::vector<int64_t> ids(const std::string& where) const override { return state_->ids(std::string(trim(where))); }
  IndexItem item(int64_t id) const override { return state_->item(require(id)); }
  std::vector<float> vector(int64_t id) const override {
    const float* row = state_->vector(require(id));
    return {row, row + dim()};
  }
  std::string last_plan() const override {
    const std::lock_guard<std::mutex> lock(plan_mutex_);
    return plan_;
  }

 private:
  std::vector<float> unit_queries(std::span<const float> queries) const;
  Snapshot::Place require(int64_t id) const {
    if (const auto place = state_->find(id)) return *place;
    throw Error(ErrorCode::kNotFound, "[index] an id of the index is required, there is no item " + std::to_string(id) +
                                          " among its " + std::to_string(size()));
  }

  std::shared_ptr<const Snapshot> state_;
  IndexInfo info_;
  mutable std::mutex plan_mutex_;
  mutable std::string plan_;
};

std::vector<float> SnapshotIndex::unit_queries(std::span<const float> queries) const {
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

std::vector<Hit> hits_of(const std::vector<Scored>& found, const SearchOptions& options) {
  std::vector<Hit> out;
  for (const auto& one : found) {
    if (one.score < options.min_score || static_cast<int64_t>(out.size()) == options.k) break;
    if (one.position != options.exclude) out.push_back({one.position, one.score});
  }
  return out;
}

std::vector<std::vector<Hit>> SnapshotIndex::search(std::span<const float> queries, const SearchOptions& options,
                                                    std::string* plan) const {
  if (options.k < 1 || options.min_score != options.min_score) {
    throw Error(ErrorCode::kUsage, "[index search] k >= 1 and a number as min_score are required, got k " +
                                       std::to_string(options.k) + ", min_score " + std::to_string(options.min_score));
  }
  const auto unit = unit_queries(queries);
  const auto count = static_cast<int64_t>(queries.size()) / dim();
  const std::string where(trim(options.where));
  // A removed or unknown id takes no place in the list; asking for one hit more does no harm.
  const int64_t k = std::min(options.k, size()) + options.exclude.has_value();
  std::string how;
  const auto found = state_->search(unit.data(), count, k, where, options.exact, &how);
  std::vector<std::vector<Hit>> out;
  out.reserve(found.size());
  for (const auto& one : found) out.push_back(hits_of(one, options));
  if (plan) *plan = how;
  const std::lock_guard<std::mutex> lock(plan_mutex_);
  plan_ = std::move(how);
  return out;
}

std::vector<std::vector<Hit>> SnapshotIndex::search_range(std::span<const float> queries, float min_score,
                                                          const SearchOptions& options) const {
  constexpr int64_t kFirst = 64;
  const auto rows = static_cast<int64_t>(queries.size()) / dim();
  std::vector<std::vector<Hit>> out;
  for (int64_t q = 0; q < rows; ++q) {
    const auto query = queries.subspan(static_cast<size_t>(q * dim()), static_cast<size_t>(dim()));
    SearchOptions wider = options;
    wider.min_score = min_score;
    std::vector<Hit> hits;
    for (int64_t k = kFirst;; k *= 4) {
      wider.k = std::min({k, options.k, std::max<int64_t>(size(), 1)});
      hits = search(query, wider, nullptr).front();
      if (static_cast<int64_t>(hits.size()) < wider.k || wider.k < k) break;
    }
    out.push_back(std::move(hits));
  }
  return out;
}

}  // namespace

IndexInfo info_of(const Snapshot& state) {
  IndexInfo info = state.base().manifest.info;
  info.live = state.live();
  info.added = state.added();
  info.removed = state.removed();
  return info;
}

std::shared_ptr<const Index> view_of(std::shared_ptr<const Snapshot> state) {
  return std::make_shared<SnapshotIndex>(std::move(state));
}

std::shared_ptr<const Snapshot> replay(std::shared_ptr<const Snapshot> from, const fs::path& log, uint64_t offset,
                                       LogRead* read) {
  const auto got = read_log(log, from->log_shape(), offset,
                            [&](std::vector<WriteOperation>&& batch) { from = from->after(std::move(batch)); });
  if (read) *read = got;
  return from;
}

std::shared_ptr<const Snapshot> open_snapshot(const fs::path& generation, LogRead* read) {
  auto base = std::make_shared<const LoadedGeneration>(load_generation(generation));
  return replay(std::make_shared<const Snapshot>(std::move(base)), generation / kWritesLog, 0, read);
}

/// Counts without loading anything large.
static IndexInfo read_generation_info(const fs::path& generation) {
  Manifest manifest = read_manifest(generation);
  IndexInfo info = std::move(manifest.info);
  const NpyFile id_file(generation / kIdsNpy);
  const ItemTable table(generation / kItemsSqlite);
  const auto ids = id_file.int64();
  std::unordered_map<int64_t, bool> newest;  // id -> whether it is there
  const LogShape shape{info.generation, info.dim, static_cast<int64_t>(table.schema().size()) - 2};
  read_log(generation / kWritesLog, shape, 0, [&](std::vector<WriteOperation>&& batch) {
    for (const auto& one : batch) newest[one.item.id] = !one.remove;
  });
  for (const auto& [id, there] : newest) {
    info.added += there;
    info.removed += std::binary_search(ids.begin(), ids.end(), id);
  }
  info.live = info.count + info.added - info.removed;
  return info;
}

std::unique_ptr<Index> Index::open(const fs::path& folder) {
  // A writer may replace and remove the generation between reading CURRENT and opening its files.
  for (int attempt = 0;; ++attempt) {
    const fs::path generation = current_generation(folder);
    try {
      return std::make_unique<SnapshotIndex>(open_snapshot(generation, nullptr));
    } catch (const Error&) {
      if (attempt == 4 || current_generation(folder) == generation) throw;
    }
  }
}

IndexInfo read_index_info(const fs::path& folder) {
  for (int attempt = 0;; ++attempt) {
    const fs::path generation = current_generation(folder);
    try {
      return read_generation_info(generation);
    } catch (const Error&) {
      if (attempt == 4 || current_generation(folder) == generation) throw;
    }
  }
}

std::string faiss_version() { return faiss_compat::version(); }

void init_search_threads() { omp_set_num_threads(thread_count()); }

}  // namespace winnow
