#include "retrieval/delta.h"

#include <utility>

#include "src/core/error.h"

namespace winnow {

Delta::Delta(int64_t dim, std::vector<ItemColumn> schema)
    : dim_(dim), chunks_(std::make_unique<std::unique_ptr<Chunk>[]>(kMaxChunks)), table_(schema, "items in memory") {}

int64_t Delta::append(EmbeddedItem item, const std::vector<float>& vector) {
  const int64_t slot = count_;
  if (slot == kChunk * kMaxChunks) {
    throw Error(ErrorCode::kDevice,
                "[index write] too many writes since the last generation; run `winnow index compact`");
  }
  auto& chunk = chunks_[static_cast<size_t>(slot / kChunk)];
  if (!chunk) {
    chunk = std::make_unique<Chunk>();
    chunk->vectors = std::make_unique<float[]>(static_cast<size_t>(kChunk * dim_));
    chunk->items.resize(kChunk);
    chunk->previous.resize(kChunk, -1);
  }
  const auto at = static_cast<size_t>(slot % kChunk);
  std::copy(vector.begin(), vector.end(), chunk->vectors.get() + slot % kChunk * dim_);
  const int64_t id = item.id;
  chunk->items[at] = std::move(item);
  const std::unique_lock lock(newest_mutex_);
  const auto [found, fresh] = newest_.emplace(id, slot);
  if (!fresh) chunk->previous[at] = std::exchange(found->second, slot);
  ++count_;
  return slot;
}

std::optional<int64_t> Delta::find(int64_t id, int64_t slots) const {
  const std::shared_lock lock(newest_mutex_);
  const auto found = newest_.find(id);
  if (found == newest_.end()) return {};
  int64_t slot = found->second;
  while (slot >= slots) slot = chunk(slot).previous[static_cast<size_t>(slot % kChunk)];
  return slot >= 0 ? std::optional(slot) : std::nullopt;
}

RowSet Delta::filter(const std::string& where) const {
  {
    const std::lock_guard lock(table_mutex_);
    for (int64_t slot = table_.rows(), end = count_; slot < end; ++slot) table_.append(item(slot));
  }
  return *table_.filter(where);
}

std::vector<Scored> Delta::scan(const float* query, int64_t k, int64_t slots, const RowSet& alive,
                                const RowSet* allowed) const {
  TopK top(k);
  for (int64_t slot = 0; slot < slots; ++slot) {
    if (!alive.contains(slot) || (allowed && !allowed->contains(slot))) continue;
    top.push({exact_score(query, vector(slot), dim_), item(slot).id});
  }
  return std::move(top).sorted();
}

}  // namespace winnow
