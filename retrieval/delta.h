#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <unordered_map>

#include "retrieval/exact_scan.h"
#include "retrieval/item_table.h"

namespace winnow {

// Internal to retrieval: the items written since a generation was built. Slots are only ever added, so a reader that
// knows how many slots there were at its moment sees that moment for ever.

class Delta {
 public:
  Delta(int64_t dim, std::vector<ItemColumn> schema);

  /// One writer at a time; readers of earlier slots are not disturbed. @return the slot
  int64_t append(EmbeddedItem item, const std::vector<float>& vector);
  int64_t slots() const { return count_; }

  // Slots below a count that the caller got after append() returned.
  const EmbeddedItem& item(int64_t slot) const { return chunk(slot).items[static_cast<size_t>(slot % kChunk)]; }
  const float* vector(int64_t slot) const { return chunk(slot).vectors.get() + slot % kChunk * dim_; }
  /// The newest slot below `slots` that was written for the id.
  std::optional<int64_t> find(int64_t id, int64_t slots) const;
  /// Slots for which the condition holds. @throws Error(kData)
  RowSet filter(const std::string& where) const;
  /// The k best of the slots in `alive` (and in `allowed` when given); the positions of the result are ids.
  std::vector<Scored> scan(const float* query, int64_t k, int64_t slots, const RowSet& alive,
                           const RowSet* allowed) const;

 private:
  static constexpr int64_t kChunk = 1024, kMaxChunks = 16'384;
  struct Chunk {
    std::unique_ptr<float[]> vectors;
    std::vector<EmbeddedItem> items;
    std::vector<int64_t> previous;  ///< the slot that held the id before, or -1
  };
  const Chunk& chunk(int64_t slot) const { return *chunks_[static_cast<size_t>(slot / kChunk)]; }

  int64_t dim_;
  std::atomic<int64_t> count_ = 0;
  std::unique_ptr<std::unique_ptr<Chunk>[]> chunks_;  ///< never moved, so that readers need no lock
  mutable std::shared_mutex newest_mutex_;
  std::unordered_map<int64_t, int64_t> newest_;
  mutable std::mutex table_mutex_;
  mutable ItemTable table_;  ///< filled up to the slots at the first condition asked
};

}  // namespace winnow
