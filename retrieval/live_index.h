#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "retrieval/index.h"

namespace winnow {

/// An item to put into an index: a new one, or the new state of one whose id is there already.
struct ItemWrite {
  IndexItem item;             ///< columns that are not named are empty; `columns` may only name those of the index
  std::vector<float> vector;  ///< D values of any length other than zero
};

struct FoundItem {
  IndexItem item;
  float score = 0;  ///< cosine in [-1, 1]
};

/// Hits with their items, all of one and the same state.
struct FoundItems {
  std::vector<std::vector<FoundItem>> queries;
  std::string plan;        ///< how `where` was answered; "" without one
  int64_t generation = 0;  ///< of the state that answered
};

struct WriteResult {
  int64_t inserted = 0, replaced = 0, removed = 0;
};

struct CompactOptions {
  std::string type = "keep";  ///< `keep`: the type there is, with its parameters as long as the size stays within 2x;
                              ///< else as IndexBuildOptions::type
  uint64_t memory = 0;        ///< budget for type `auto`
  int64_t probe = 0;          ///< 0 = as it is, or by size
  uint64_t seed = 1234;
  bool keep_old = true;  ///< keep the previous generation with its log on disk
};

/// An index that takes writes while it is searched. Every member may be called from any thread at any time.
///
/// Searches work on immutable states and wait for nobody. upsert() and remove() return when their batch is on the disk
/// (write-ahead log, fsync); a batch is kept as a whole or not at all, whatever happens, and the next query sees it.
/// Writes that wait at the same time share one fsync. compact() builds a new generation beside the old one and swaps it
/// in; searches and writes go on meanwhile.
class LiveIndex {
 public:
  enum class Mode { kRead, kWrite };

  /// Mode::kWrite takes the folder's writer lock for the object's life. Mode::kRead needs no lock and never writes.
  /// @throws Error(kNotFound | kData) as Index::open, Error(kDevice) when another process holds the lock
  static std::unique_ptr<LiveIndex> open(const fs::path& folder, Mode mode = Mode::kWrite);
  ~LiveIndex();
  LiveIndex(const LiveIndex&) = delete;
  LiveIndex& operator=(const LiveIndex&) = delete;

  /// The present state; it stays as it is for as long as it is held.
  std::shared_ptr<const Index> view() const;
  /// view()->search() with the items. @throws as Index::search
  FoundItems query(std::span<const float> queries, const SearchOptions& options) const;
  IndexInfo info() const { return view()->info(); }

  /// @throws Error(kData) naming the item for a bad vector, Error(kShape) for another dimension, Error(kUsage) for an
  /// id twice in one batch, an unknown column or Mode::kRead, Error(kDevice) for a failed disk; nothing is kept then
  WriteResult upsert(std::span<const ItemWrite> items);
  /// Ids that are not there are passed over. @throws Error(kUsage | kDevice)
  WriteResult remove(std::span<const int64_t> ids);

  /// A new generation without removed rows and with everything written since; its log holds what is written while it is
  /// built. One at a time. @param on_step receives "train", "add", "write", "verify"
  /// @throws Error(kData) when no item is left, else as build_index; the index goes on as it was
  IndexInfo compact(const CompactOptions& options = {}, const std::function<void(const std::string&)>& on_step = {});

  /// Mode::kRead: takes over what another process wrote or swapped in since. @return whether anything changed
  bool reload();

  const fs::path& folder() const;

 private:
  struct State;
  explicit LiveIndex(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace winnow
