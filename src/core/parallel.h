#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <queue>
#include <string_view>
#include <thread>
#include <vector>

#include "src/core/files.h"

namespace winnow {

/// Number of threads winnow uses (Torch, FAISS, OpenCV and pools are all set from it). Default: the CPUs this process
/// may run on (affinity and cgroup quota). Set once at program start; not thread-safe.
int thread_count();
void set_thread_count(int n);

/// CPUs that the control groups of a process allow, rounded up; 0 = no quota. Reads cpu.max (v2) or cpu.cfs_quota_us
/// (v1) of the group and of all its parents.
/// @param membership  text of /proc/self/cgroup
/// @param root        where control groups are mounted (/sys/fs/cgroup)
int cgroup_cpu_quota(std::string_view membership, const fs::path& root);

/// Calls body(begin, end) over [0, n) in contiguous blocks on `threads` threads (0 = thread_count()).
/// The exception of the first failed block (by position) is rethrown here after all threads ended.
void parallel_for(int64_t n, const std::function<void(int64_t begin, int64_t end)>& body, int threads = 0,
                  int64_t min_block = 1);

/// Fixed set of worker threads with a FIFO queue. Tasks must not throw. The destructor finishes queued tasks.
class ThreadPool {
 public:
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  void submit(std::function<void()> task);
  int size() const { return static_cast<int>(workers_.size()); }

 private:
  void run();
  std::vector<std::thread> workers_;
  std::queue<std::function<void()>> tasks_;
  std::mutex mutex_;
  std::condition_variable ready_;
  bool stop_ = false;
};

/// Peak resident memory of this process in bytes.
uint64_t peak_rss_bytes();

}  // namespace winnow
