#include "retrieval/live_index.h"

#include <algorithm>
#include <mutex>
#include <unordered_set>

#include "retrieval/compaction.h"
#include "retrieval/live_state.h"
#include "src/core/error.h"
#include "src/core/log.h"
#include "src/core/text.h"

namespace winnow {
namespace {

/// A batch on its way to the disk.
struct Waiting {
  std::vector<WriteOperation> batch;
  std::string record;
  WriteResult result;
  bool done = false;
  std::exception_ptr error;
};

std::vector<std::string> column_values(const IndexItem& item, const std::vector<ItemColumn>& schema) {
  std::vector<std::string> values(schema.size() - 2), names;
  for (const auto& [name, value] : item.columns) {
    const auto found =
        std::find_if(schema.begin() + 2, schema.end(), [&](const ItemColumn& c) { return c.name == name; });
    if (found != schema.end()) {
      values[static_cast<size_t>(found - schema.begin()) - 2] = value;
      continue;
    }
    for (auto c = schema.begin() + 2; c != schema.end(); ++c) names.push_back(c->name);
    const auto near = nearest_name(name, names);
    throw Error(ErrorCode::kUsage, "[item " + std::to_string(item.id) + "] a column of the index (" +
                                       join(names, ", ") + ") is required, got '" + name + "'" +
                                       (near ? " (did you mean '" + *near + "'?)" : ""));
  }
  return values;
}

WriteOperation operation_of(const ItemWrite& write, const Snapshot& state) {
  const auto dim = static_cast<size_t>(state.dim());
  const std::string where = "[item " + std::to_string(write.item.id) + "] ";
  if (write.vector.size() != dim) {
    throw Error(ErrorCode::kShape,
                where + std::to_string(dim) + " values are required, got " + std::to_string(write.vector.size()));
  }
  WriteOperation one;
  one.item = {write.item.id, write.item.path, write.item.label,
              column_values(write.item, state.base().items->schema())};
  one.vector.resize(dim);
  if (!normalise(write.vector.data(), one.vector.data(), state.dim())) {
    throw Error(ErrorCode::kData, where + "a finite vector other than zero is required for a cosine");
  }
  return one;
}

WriteResult count_changes(const std::vector<WriteOperation>& batch, const Snapshot& before) {
  WriteResult result;
  for (const auto& one : batch) {
    const bool there = before.find(one.item.id).has_value();
    (one.remove ? result.removed : result.replaced) += there;
    result.inserted += !one.remove && !there;
  }
  return result;
}

void require_each_once(const std::vector<WriteOperation>& batch) {
  std::unordered_set<int64_t> seen;
  for (const auto& one : batch) {
    if (seen.insert(one.item.id).second) continue;
    throw Error(ErrorCode::kUsage, "[index write] every id once in a batch is required, " +
                                       std::to_string(one.item.id) + " is there twice");
  }
}

}  // namespace

struct LiveIndex::State {
  fs::path folder, generation;
  std::shared_ptr<FolderLock> lock;  // null in Mode::kRead

  mutable std::mutex state_mutex;  // held for the copy of a pointer
  std::shared_ptr<const Snapshot> snapshot;
  std::shared_ptr<const Index> view;

  std::mutex queue_mutex;
  std::vector<Waiting*> queue;

  std::mutex write_mutex;  // the log, and the order of states
  std::unique_ptr<WriteLog> log;
  uint64_t log_end = 0;  // Mode::kRead: how far the log was read
  bool broken = false;   // a swap failed half-way

  std::mutex compact_mutex;

  std::shared_ptr<const Snapshot> current() const {
    const std::lock_guard guard(state_mutex);
    return snapshot;
  }
  void show(std::shared_ptr<const Snapshot> next) {
    auto next_view = view_of(next);
    const std::lock_guard guard(state_mutex);
    snapshot.swap(next);
    view.swap(next_view);
  }
  void require_writable() const {
    if (!lock) throw Error(ErrorCode::kUsage, "[" + folder.string() + "] the index was opened for reading only");
  }
  void load() {
    LogRead read;
    generation = current_generation(folder);
    auto opened = open_snapshot(generation, &read);
    log_end = read.end;
    if (lock) {
      log = std::make_unique<WriteLog>(generation / kWritesLog, opened->log_shape(), read.end);
      if (read.torn) log_warning("{}: an unfinished write was cut off", (generation / kWritesLog).string());
    }
    show(std::move(opened));
  }

  WriteResult write(std::vector<WriteOperation>&& batch);
  void write_waiting();
  void swap_in(GenerationWriter& writer, LoadedGeneration&& loaded, uint64_t from, bool keep_old);
};

WriteResult LiveIndex::State::write(std::vector<WriteOperation>&& batch) {
  if (batch.empty()) return {};
  require_each_once(batch);
  Waiting mine;
  mine.batch = std::move(batch);
  {
    const std::lock_guard guard(queue_mutex);
    queue.push_back(&mine);
  }
  const std::lock_guard guard(write_mutex);
  if (!mine.done) write_waiting();
  if (mine.error) std::rethrow_exception(mine.error);
  return mine.result;
}

/// Writes everything that waits with one fsync. Each waiting thread finds its result when it gets the write mutex.
void LiveIndex::State::write_waiting() {
  std::vector<Waiting*> group;
  {
    const std::lock_guard guard(queue_mutex);
    group.swap(queue);
  }
  try {
    if (broken) {
      throw Error(ErrorCode::kDevice, "[" + folder.string() + "] an earlier swap failed; open the index anew");
    }
    auto next = current();
    std::string records;
    for (auto* one : group) records += encode_record(one->batch, next->log_shape());
    log->append(records);
    for (auto* one : group) {
      one->result = count_changes(one->batch, *next);
      next = next->after(std::move(one->batch));
    }
    show(std::move(next));
  } catch (...) {
    for (auto* one : group) one->error = std::current_exception();
  }
  for (auto* one : group) one->done = true;
}

/// @param from  offset of the first record of the old log that the new generation does not hold
void LiveIndex::State::swap_in(GenerationWriter& writer, LoadedGeneration&& loaded, uint64_t from, bool keep_old) {
  writer.sync();
  auto base = std::make_shared<const LoadedGeneration>(std::move(loaded));
  auto next = std::make_shared<const Snapshot>(std::move(base));
  const std::lock_guard guard(write_mutex);
  const std::string later = copy_records(generation / kWritesLog, from, log->bytes());
  const fs::path fresh = writer.path() / kWritesLog;
  auto next_log = std::make_unique<WriteLog>(fresh, next->log_shape(), 0);
  if (!later.empty()) next_log->append(later);
  std::shared_ptr<const Snapshot> with_later = replay(next, fresh, 0, nullptr);
  broken = true;  // until it is certain which generation is current
  generation = writer.publish(keep_old);
  broken = false;
  log = std::move(next_log);
  show(std::move(with_later));
}

LiveIndex::LiveIndex(std::unique_ptr<State> state) : state_(std::move(state)) {}
LiveIndex::~LiveIndex() = default;
const fs::path& LiveIndex::folder() const { return state_->folder; }

std::unique_ptr<LiveIndex> LiveIndex::open(const fs::path& folder, Mode mode) {
  auto state = std::make_unique<State>();
  state->folder = folder;
  current_generation(folder);  // a folder without an index is refused before a lock file appears in it
  if (mode == Mode::kWrite) state->lock = std::make_shared<FolderLock>(folder);
  for (int attempt = 0;; ++attempt) {
    try {
      state->load();
      return std::unique_ptr<LiveIndex>(new LiveIndex(std::move(state)));
    } catch (const Error&) {
      // Without the lock another process may swap generations while this one opens files.
      if (attempt == 4 || current_generation(folder) == state->generation) throw;
    }
  }
}

std::shared_ptr<const Index> LiveIndex::view() const {
  const std::lock_guard guard(state_->state_mutex);
  return state_->view;
}

FoundItems LiveIndex::query(std::span<const float> queries, const SearchOptions& options) const {
  const auto now = view();
  FoundItems out;
  out.generation = now->info().generation;
  for (const auto& hits : now->search(queries, options, &out.plan)) {
    auto& found = out.queries.emplace_back();
    for (const auto& hit : hits) found.push_back({now->item(hit.id), hit.score});
  }
  return out;
}

WriteResult LiveIndex::upsert(std::span<const ItemWrite> items) {
  state_->require_writable();
  const auto now = state_->current();
  std::vector<WriteOperation> batch;
  for (const auto& item : items) batch.push_back(operation_of(item, *now));
  return state_->write(std::move(batch));
}

WriteResult LiveIndex::remove(std::span<const int64_t> ids) {
  state_->require_writable();
  const auto now = state_->current();
  std::vector<WriteOperation> batch;
  for (const int64_t id : std::unordered_set<int64_t>(ids.begin(), ids.end())) {
    WriteOperation one;
    one.remove = true;
    one.item.id = id;
    batch.push_back(std::move(one));
  }
  return state_->write(std::move(batch));
}

IndexInfo LiveIndex::compact(const CompactOptions& options, const std::function<void(const std::string&)>& on_step) {
  state_->require_writable();
  const std::lock_guard one_at_a_time(state_->compact_mutex);
  std::shared_ptr<const Snapshot> from;
  uint64_t offset = 0;
  {
    const std::lock_guard guard(state_->write_mutex);
    from = state_->current();
    offset = state_->log->bytes();
  }
  GenerationWriter writer(state_->folder, state_->lock);
  auto loaded = write_compacted(writer, *from, options, on_step);
  state_->swap_in(writer, std::move(loaded), offset, options.keep_old);
  return info();
}

bool LiveIndex::reload() {
  if (state_->lock) return false;
  const std::lock_guard guard(state_->write_mutex);
  const auto before = state_->current();
  if (current_generation(state_->folder) != state_->generation) {
    state_->load();
    return true;
  }
  LogRead read;
  auto next = replay(before, state_->generation / kWritesLog, state_->log_end, &read);
  if (next == before) return false;
  state_->log_end = read.end;
  state_->show(std::move(next));
  return true;
}

}  // namespace winnow
