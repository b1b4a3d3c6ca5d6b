#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace winnow {

/// What an epoch delivers: positions by batch, and how often each was drawn before in the same epoch.
struct EpochPlan {
  int64_t epoch = 0;
  size_t first = 0;  ///< batches before this one are left out
  std::vector<std::vector<int64_t>> batches;
  std::vector<std::vector<uint32_t>> repeats;
};

/// One picture of a plan.
struct PictureTask {
  int64_t position = 0, epoch = 0;
  uint32_t repeat = 0;
};

/// A batch under construction: pictures side by side, each with its fault (empty = fine).
struct BatchSlot {
  std::vector<uint8_t> pixels;
  std::vector<std::string> faults;
  size_t left = 0;  // pictures not made yet
};

/// Threads that fill a ring of batches one picture at a time, so that a big picture delays its own batch only. The
/// batches come out in order. One consumer thread calls start, wait and release.
class DecodePool {
 public:
  /// Writes one picture of `picture_bytes` bytes; an Error(kNotFound | kData) marks the picture as bad, any other
  /// exception ends the epoch. Called from many threads.
  using Make = std::function<void(const PictureTask& task, uint8_t* out)>;

  DecodePool(int threads, int prefetch, size_t picture_bytes, Make make);
  ~DecodePool();
  DecodePool(const DecodePool&) = delete;
  DecodePool& operator=(const DecodePool&) = delete;

  /// Drops what is under way and begins a plan.
  void start(EpochPlan plan);
  /// The next batch when it is ready (its pixels may be swapped for another buffer), or null at the end.
  /// @param seconds  the time blocked is added
  BatchSlot* wait(double& seconds);
  /// Positions of the batch that wait() gave.
  const std::vector<int64_t>& positions() const { return plan_.batches[delivered_]; }
  /// Gives the slot back to the threads.
  void release();

 private:
  void run();
  bool has_work() const;
  void make_one(std::unique_lock<std::mutex>& lock);
  void prepare(size_t batch);
  void skip_filled();
  BatchSlot& slot_of(size_t batch) { return slots_[batch % slots_.size()]; }

  const size_t picture_bytes_;
  const Make make_;
  std::mutex mutex_;
  std::condition_variable work_, ready_, idle_;
  EpochPlan plan_;
  std::vector<BatchSlot> slots_;
  size_t delivered_ = 0;                   // next batch the consumer gets
  size_t fetch_batch_ = 0, fetch_at_ = 0;  // next picture a thread takes
  int active_ = 0;
  bool stop_ = false;
  std::exception_ptr fatal_;
  std::vector<std::thread> threads_;
};

}  // namespace winnow
