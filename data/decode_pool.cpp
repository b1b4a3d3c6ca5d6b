#include "data/decode_pool.h"

#include <algorithm>
#include <chrono>

#include "src/core/error.h"

namespace winnow {

DecodePool::DecodePool(int threads, int prefetch, size_t picture_bytes, Make make)
    : picture_bytes_(picture_bytes), make_(std::move(make)), slots_(static_cast<size_t>(prefetch)) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

DecodePool::~DecodePool() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  work_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void DecodePool::start(EpochPlan plan) {
  std::unique_lock lock(mutex_);
  fetch_batch_ = plan_.batches.size();
  // Threads still write into the slots of the old plan.
  idle_.wait(lock, [this] { return active_ == 0; });
  plan_ = std::move(plan);
  fatal_ = nullptr;
  delivered_ = fetch_batch_ = std::min(plan_.first, plan_.batches.size());
  fetch_at_ = 0;
  for (size_t i = 0; i < slots_.size(); ++i) prepare(delivered_ + i);
  skip_filled();
  work_.notify_all();
}

BatchSlot* DecodePool::wait(double& seconds) {
  std::unique_lock lock(mutex_);
  if (delivered_ >= plan_.batches.size()) return nullptr;
  BatchSlot& slot = slot_of(delivered_);
  if (slot.left > 0 && !fatal_) {
    const auto start = std::chrono::steady_clock::now();
    ready_.wait(lock, [&] { return slot.left == 0 || fatal_; });
    seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  if (fatal_) std::rethrow_exception(fatal_);
  return &slot;
}

void DecodePool::release() {
  // No thread touches this slot before delivered_ moves on, so its memory can be made without the lock.
  prepare(delivered_ + slots_.size());
  {
    const std::lock_guard lock(mutex_);
    ++delivered_;
  }
  work_.notify_all();
}

void DecodePool::prepare(size_t batch) {
  if (batch >= plan_.batches.size()) return;
  BatchSlot& slot = slot_of(batch);
  const size_t size = plan_.batches[batch].size();
  slot.pixels.resize(size * picture_bytes_);
  slot.faults.assign(size, {});
  slot.left = size;
}

bool DecodePool::has_work() const {
  return fetch_batch_ < plan_.batches.size() && fetch_batch_ < delivered_ + slots_.size();
}

void DecodePool::skip_filled() {
  while (fetch_batch_ < plan_.batches.size() && fetch_at_ >= plan_.batches[fetch_batch_].size()) {
    ++fetch_batch_;
    fetch_at_ = 0;
  }
}

void DecodePool::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    work_.wait(lock, [this] { return stop_ || has_work(); });
    if (stop_) return;
    make_one(lock);
  }
}

void DecodePool::make_one(std::unique_lock<std::mutex>& lock) {
  const size_t at = fetch_at_++;
  BatchSlot& slot = slot_of(fetch_batch_);
  const PictureTask task{plan_.batches[fetch_batch_][at], plan_.epoch, plan_.repeats[fetch_batch_][at]};
  skip_filled();
  ++active_;
  lock.unlock();
  std::string fault;
  std::exception_ptr fatal;
  try {
    make_(task, slot.pixels.data() + at * picture_bytes_);
  } catch (const Error& error) {
    const bool bad = error.code() == ErrorCode::kData || error.code() == ErrorCode::kNotFound;
    if (bad)
      fault = error.what();
    else
      fatal = std::current_exception();
  } catch (...) {
    fatal = std::current_exception();
  }
  lock.lock();
  --active_;
  slot.faults[at] = std::move(fault);
  if (fatal && !fatal_) fatal_ = fatal;
  if (--slot.left == 0 || fatal) ready_.notify_one();
  if (active_ == 0) idle_.notify_all();
}

}  // namespace winnow
