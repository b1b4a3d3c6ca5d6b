#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>

#include "src/core/parallel.h"

namespace winnow {

/// The size of a block cut to whole calls of a kernel of `rows` queries, where there are several and more follow.
inline size_t whole_calls(size_t size, size_t rest, int rows) {
  const auto call = static_cast<size_t>(rows);
  return size > call && size < rest ? size - size % call : size;
}

/// Queries taken block by block by threads, each with a workspace of its own, until none is left or a thread fails.
class QueryBlocks {
 public:
  /// @param order  all queries; must outlive the object. @param on_progress  receives the number of finished queries,
  /// one
  ///               call at a time; may be empty; what it throws ends the run
  QueryBlocks(std::span<const int64_t> order, const std::function<void(int64_t)>& on_progress)
      : order_(order), on_progress_(on_progress) {}

  /// @param size  of the next block, 1 .. rest.size(): size(rest of the order), one call at a time
  /// @param body  body(block, workspace). The first exception comes out of run() after all threads have ended.
  template <class Workspace, class Size, class Body>
  void run(int threads, const Size& size, const Body& body) {
    parallel_for(
        threads,
        [&](int64_t begin, int64_t end) {
          for (int64_t worker = begin; worker < end; ++worker) {
            Workspace workspace;
            work(size, [&](std::span<const int64_t> block) { body(block, workspace); });
          }
        },
        threads);
  }
  bool failed() const { return failed_; }

  /// Counts a block as finished and calls add() under the lock; nothing once a thread has failed.
  template <class Add>
  void finish(std::span<const int64_t> block, const Add& add) {
    const std::lock_guard lock(mutex_);
    if (failed_) return;
    add();
    finished_ += static_cast<int64_t>(block.size());
    if (on_progress_) on_progress_(finished_);
  }

 private:
  template <class Size>
  std::span<const int64_t> next(const Size& size) {
    const std::lock_guard lock(mutex_);
    const auto rest = order_.subspan(next_);
    if (rest.empty() || failed_) return {};
    const auto block = rest.first(size(rest));
    next_ += block.size();
    return block;
  }
  template <class Size, class Body>
  void work(const Size& size, const Body& body) {
    try {
      for (auto block = next(size); !block.empty(); block = next(size)) body(block);
    } catch (...) {
      failed_ = true;
      throw;
    }
  }

  std::span<const int64_t> order_;
  const std::function<void(int64_t)>& on_progress_;
  std::mutex mutex_;
  size_t next_ = 0;
  int64_t finished_ = 0;
  std::atomic<bool> failed_{false};
};

}  // namespace winnow
