#include "src/serve/batcher.h"

#include <algorithm>

namespace winnow {

struct Batcher::Job {
  Image view;
  Clock::time_point handed_in = Clock::now(), deadline;
  double wait_ms = 0, net_ms = 0;
  std::promise<std::vector<float>> result;
};

Batcher::Batcher(Network network, Options options) : network_(std::move(network)), options_(std::move(options)) {
  thread_ = std::thread([this] { work(); });
}

Batcher::~Batcher() {
  {
    const std::lock_guard guard(mutex_);
    ending_ = true;
  }
  ready_.notify_all();
  thread_.join();
}

int Batcher::seats_taken() const {
  const std::lock_guard guard(mutex_);
  return taken_;
}

Batcher::Seat::Seat(Batcher& batcher) : batcher_(batcher) {
  const std::lock_guard guard(batcher_.mutex_);
  if (batcher_.taken_ >= batcher_.options_.seats)
    throw HttpError(503, "[serve] the queue is full (" + std::to_string(batcher_.taken_) + " pictures in hand)", 1);
  ++batcher_.taken_;
}

Batcher::Seat::~Seat() {
  {
    const std::lock_guard guard(batcher_.mutex_);
    --batcher_.taken_;
  }
  batcher_.ready_.notify_one();  // a batch may have waited for this seat's picture
}

std::vector<float> Batcher::Seat::embed(Image view, Clock::time_point deadline, StepTimes& steps) {
  auto job = std::make_shared<Job>();
  job->view = std::move(view);
  job->deadline = deadline;
  auto result = job->result.get_future();
  {
    const std::lock_guard guard(batcher_.mutex_);
    batcher_.queue_.push_back(job);
  }
  batcher_.ready_.notify_one();
  if (result.wait_until(deadline) != std::future_status::ready)
    throw HttpError(503, "[serve] the network did not get to this picture in time", 1);
  auto vector = result.get();
  steps.add("wait", job->wait_ms);
  steps.add("net", job->net_ms);
  return vector;
}

/// Empty only at the end.
std::vector<std::shared_ptr<Batcher::Job>> Batcher::next_batch() {
  std::unique_lock lock(mutex_);
  ready_.wait(lock, [this] { return !queue_.empty() || ending_; });
  const auto is_complete = [this] {
    const int queued = static_cast<int>(queue_.size());
    return ending_ || queued >= std::min(options_.max_batch, taken_);
  };
  if (!queue_.empty()) ready_.wait_until(lock, queue_.front()->handed_in + options_.patience, is_complete);
  std::vector<std::shared_ptr<Job>> batch;
  const auto now = Clock::now();
  while (!queue_.empty() && static_cast<int>(batch.size()) < options_.max_batch) {
    auto job = std::move(queue_.front());
    queue_.pop_front();
    if (job->deadline > now) batch.push_back(std::move(job));  // nobody waits for the others any more
  }
  return batch;
}

void Batcher::run(std::vector<std::shared_ptr<Job>>& batch) {
  std::vector<Image> views;
  const auto start = Clock::now();
  for (auto& job : batch) {
    job->wait_ms = std::chrono::duration<double, std::milli>(start - job->handed_in).count();
    views.push_back(std::move(job->view));
  }
  std::vector<std::vector<float>> vectors;
  std::exception_ptr error;
  try {
    vectors = network_(views);
    if (vectors.size() != batch.size()) throw Error(ErrorCode::kInternal, "[serve] a vector a picture is required");
  } catch (...) {
    error = std::current_exception();
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  for (size_t i = 0; i < batch.size(); ++i) {
    batch[i]->net_ms = seconds * 1e3;
    if (error)
      batch[i]->result.set_exception(error);
    else
      batch[i]->result.set_value(std::move(vectors[i]));
  }
  if (options_.on_batch) options_.on_batch(static_cast<int>(batch.size()), seconds);
}

void Batcher::work() {
  for (;;) {
    auto batch = next_batch();
    if (!batch.empty()) {
      run(batch);
      continue;
    }
    const std::lock_guard guard(mutex_);
    if (ending_ && queue_.empty()) return;
  }
}

}  // namespace winnow
