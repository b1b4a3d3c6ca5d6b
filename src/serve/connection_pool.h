#pragma once

#include <httplib.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

namespace winnow {

/// True on this thread while a connection is handed over only to be told that there are too many.
bool& connection_refused();

/// A thread a connection, started when needed, at most `limit`. A connection beyond that runs at once on the accepting
/// thread with connection_refused() set.
class ConnectionPool final : public httplib::TaskQueue {
  using Result = decltype(std::declval<httplib::TaskQueue&>().enqueue(nullptr));

 public:
  explicit ConnectionPool(int limit) : limit_(static_cast<size_t>(limit)) {}
  Result enqueue(std::function<void()> task) override {
    admit(std::move(task));
    return static_cast<Result>(true);  // void, or bool from cpp-httplib 0.15 on
  }
  /// Returns when every task has ended.
  void shutdown() override;

 private:
  void admit(std::function<void()> task);
  void work();

  const size_t limit_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> tasks_;
  std::vector<std::thread> threads_;
  size_t idle_ = 0;
  bool ending_ = false;
};

}  // namespace winnow
