#include "src/serve/connection_pool.h"

#include <omp.h>

namespace winnow {

bool& connection_refused() {
  static thread_local bool refused = false;
  return refused;
}

void ConnectionPool::admit(std::function<void()> task) {
  {
    const std::lock_guard guard(mutex_);
    const bool waits_for_one = tasks_.size() < idle_;
    if (waits_for_one || threads_.size() < limit_) {
      tasks_.push_back(std::move(task));
      if (!waits_for_one) threads_.emplace_back([this] { work(); });
      ready_.notify_one();
      return;
    }
  }
  connection_refused() = true;
  task();
  connection_refused() = false;
}

void ConnectionPool::work() {
  // Requests are parallel already; a team of OpenMP threads each would be connections x cores threads.
  omp_set_num_threads(1);
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    ready_.wait(lock, [this] { return !tasks_.empty() || ending_; });
    --idle_;
    if (tasks_.empty()) return;
    auto task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    lock.lock();
  }
}

void ConnectionPool::shutdown() {
  {
    const std::lock_guard guard(mutex_);
    ending_ = true;
  }
  ready_.notify_all();
  for (auto& thread : threads_) thread.join();
}

}  // namespace winnow
