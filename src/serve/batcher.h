#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "src/image/image.h"
#include "src/serve/http.h"

namespace winnow {

/// Collects the pictures of concurrent requests into batches for one network thread. Thread-safe.
///
/// A request first takes a Seat (before it decodes), of which there are `seats`: the bound of everything that waits
/// for the network. A batch starts when it is full, when every seat that is taken has handed in its picture, or after
/// `patience`: a lone request never waits for others that are not coming.
class Batcher {
 public:
  using Clock = std::chrono::steady_clock;
  /// Views of one size -> a vector each. Called on the batcher's own thread only.
  using Network = std::function<std::vector<std::vector<float>>(std::span<const Image>)>;
  struct Options {
    int seats = 64;
    int max_batch = 16;
    std::chrono::microseconds patience{2000};
    /// Told the size of each batch and its seconds in the network, from the batcher's thread.
    std::function<void(int, double)> on_batch = {};
  };

  Batcher(Network network, Options options);
  /// Answers what waits, then ends.
  ~Batcher();
  Batcher(const Batcher&) = delete;
  Batcher& operator=(const Batcher&) = delete;

  class Seat {
   public:
    /// @throws HttpError(503) with Retry-After when all seats are taken
    explicit Seat(Batcher& batcher);
    ~Seat();
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;
    /// The vector of one view. Adds steps "wait" (until its batch starts) and "net" (the batch's time).
    /// @throws HttpError(503) when the deadline passes first; what the network throws
    std::vector<float> embed(Image view, Clock::time_point deadline, StepTimes& steps);

   private:
    Batcher& batcher_;
  };

  int seats_taken() const;

 private:
  struct Job;
  void work();
  std::vector<std::shared_ptr<Job>> next_batch();
  void run(std::vector<std::shared_ptr<Job>>& batch);

  Network network_;
  Options options_;
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::shared_ptr<Job>> queue_;
  int taken_ = 0;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace winnow
