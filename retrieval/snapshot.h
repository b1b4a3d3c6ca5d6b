#pragma once

#include <memory>
#include <span>

#include "retrieval/delta.h"
#include "retrieval/loaded_generation.h"
#include "retrieval/write_log.h"

namespace winnow {

// Internal to retrieval: the state of an index at one moment: a generation, which of its rows were replaced or removed
// since, and the items written since. Immutable and cheap to copy (a copy shares everything).

class Snapshot {
 public:
  explicit Snapshot(std::shared_ptr<const LoadedGeneration> base);

  const LoadedGeneration& base() const { return *base_; }
  int64_t dim() const { return base_->manifest.info.dim; }
  int64_t live() const { return live_; }
  int64_t added() const { return alive_slots_->count(); }
  int64_t removed() const { return base_->manifest.info.count - alive_rows_->count(); }
  /// The shape of the log that leads from the base to this state.
  LogShape log_shape() const;

  /// The state after a batch. Only one writer may go on from a state (the items written are shared and appended to).
  std::shared_ptr<const Snapshot> after(std::vector<WriteOperation>&& batch) const;

  /// Where an id is: a row of the base (slot < 0) or a slot of the delta.
  struct Place {
    int64_t row = -1, slot = -1;
  };
  std::optional<Place> find(int64_t id) const;
  IndexItem item(const Place& place) const;
  EmbeddedItem record(const Place& place) const;
  const float* vector(const Place& place) const;

  /// Scored::position of a result is the id. @param where  "" = all. @param exact  looks at every row
  /// @param plan  receives how `where` was answered
  std::vector<std::vector<Scored>> search(const float* unit, int64_t queries, int64_t k, const std::string& where,
                                          bool exact, std::string* plan) const;
  /// Ids in ascending order for which the condition holds; "" = all.
  std::vector<int64_t> ids(const std::string& where) const;

 private:
  std::shared_ptr<const LoadedGeneration> base_;
  std::shared_ptr<const RowSet> alive_rows_, alive_slots_;
  std::shared_ptr<Delta> delta_;
  int64_t slots_ = 0, live_ = 0;
};

}  // namespace winnow
