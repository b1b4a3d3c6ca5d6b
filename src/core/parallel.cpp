#include "src/core/parallel.h"

#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <optional>
#include <string>
#include <system_error>

#include "src/core/error.h"
#include "src/core/text.h"

namespace winnow {
namespace {

std::atomic<int> g_threads{0};

/// Contents of a small file of the kernel; empty when absent.
std::string kernel_text(const fs::path& file) {
  try {
    return read_file(file, 1 << 20);
  } catch (const Error&) {
    return {};
  }
}

/// CPUs of one control group folder; nothing when it sets no quota.
std::optional<double> folder_quota(const fs::path& folder) {
  std::string quota_text, period_text;
  if (const std::string v2 = kernel_text(folder / "cpu.max"); !v2.empty()) {
    const auto parts = split(trim(v2), ' ');
    if (parts.size() != 2) return {};
    quota_text = parts[0];
    period_text = parts[1];
  } else {
    quota_text = kernel_text(folder / "cpu.cfs_quota_us");
    period_text = kernel_text(folder / "cpu.cfs_period_us");
  }
  const auto quota = parse_double(trim(quota_text));  // "max" and -1 mean no quota
  const auto period = parse_double(trim(period_text));
  if (!quota || !period || *quota <= 0 || *period <= 0) return {};
  return *quota / *period;
}

int affinity_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) return CPU_COUNT(&set);
  return static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

int available_cpus() {
  const int cpus = affinity_cpus();
  const int quota = cgroup_cpu_quota(kernel_text("/proc/self/cgroup"), "/sys/fs/cgroup");
  return quota > 0 ? std::min(cpus, quota) : cpus;
}

}  // namespace

int cgroup_cpu_quota(std::string_view membership, const fs::path& root) {
  double least = 0;
  for (const auto& line : split(membership, '\n')) {
    const auto parts = split(line, ':');  // hierarchy:controllers:path
    if (parts.size() < 3) continue;
    const auto controllers = split(parts[1], ',');
    const bool v2 = parts[0] == "0" && parts[1].empty();
    if (!v2 && std::find(controllers.begin(), controllers.end(), "cpu") == controllers.end()) continue;
    const fs::path mount = v2 ? root : root / parts[1];
    // Inside a container the path may name the host's group, which is not mounted here; its parents end at the mount.
    fs::path group = fs::path(parts[2]).relative_path();
    while (true) {
      for (const auto& top : {mount, root / "cpu"})
        if (const auto cpus = folder_quota(top / group)) least = least == 0 ? *cpus : std::min(least, *cpus);
      if (group.empty()) break;
      group = group.parent_path();
    }
  }
  return static_cast<int>(std::ceil(std::min(least, 1e6)));
}

int thread_count() {
  int n = g_threads.load();
  if (n == 0) g_threads = n = available_cpus();
  return n;
}

void set_thread_count(int n) {
  if (n < 1) throw Error(ErrorCode::kUsage, "[threads] the number of threads must be >= 1, got " + std::to_string(n));
  g_threads = n;
}

void parallel_for(int64_t n, const std::function<void(int64_t begin, int64_t end)>& body, int threads,
                  int64_t min_block) {
  if (n <= 0) return;
  const int64_t most = (n + std::max<int64_t>(1, min_block) - 1) / std::max<int64_t>(1, min_block);
  const int64_t blocks = std::clamp<int64_t>(threads > 0 ? threads : thread_count(), 1, most);
  if (blocks == 1) return body(0, n);
  std::vector<std::exception_ptr> errors(static_cast<size_t>(blocks));
  const auto run = [&](int64_t b) {
    try {
      // Written without n * b, which could overflow.
      const int64_t whole = n / blocks, rest = n % blocks;
      const int64_t begin = b * whole + std::min(b, rest);
      body(begin, begin + whole + (b < rest ? 1 : 0));
    } catch (...) {
      errors[static_cast<size_t>(b)] = std::current_exception();
    }
  };
  std::vector<std::thread> workers;
  workers.reserve(static_cast<size_t>(blocks - 1));
  int64_t started = 1;
  try {
    for (; started < blocks; ++started) workers.emplace_back(run, started);
  } catch (const std::system_error&) {
    // No more threads to be had: the rest is done here.
  }
  run(0);
  for (int64_t b = started; b < blocks; ++b) run(b);
  for (auto& worker : workers) worker.join();
  for (const auto& error : errors)
    if (error) std::rethrow_exception(error);
}

ThreadPool::ThreadPool(int threads) {
  for (int i = 0; i < std::max(1, threads); ++i) workers_.emplace_back([this] { run(); });
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  ready_.notify_all();
  for (auto& worker : workers_) worker.join();
}

void ThreadPool::submit(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push(std::move(task));
  }
  ready_.notify_one();
}

void ThreadPool::run() {
  while (true) {
    std::function<void()> task;
    {
      std::unique_lock lock(mutex_);
      ready_.wait(lock, [this] { return stop_ || !tasks_.empty(); });
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop();
    }
    task();
  }
}

uint64_t peak_rss_bytes() {
  // VmHWM rather than getrusage, whose figure a process inherits from the one that started it.
  for (const auto& line : split(kernel_text("/proc/self/status"), '\n')) {
    if (line.rfind("VmHWM:", 0) != 0) continue;
    const std::string_view value = trim(std::string_view(line).substr(6));
    if (const auto kib = parse_int(value.substr(0, value.find(' ')))) return static_cast<uint64_t>(*kib) * 1024;
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace winnow
