#include "src/training/embed_stream.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <exception>
#include <map>
#include <mutex>
#include <thread>

#include "src/core/error.h"
#include "src/core/interrupt.h"
#include "src/core/parallel.h"
#include "src/tensor/device.h"
#include "src/training/multi_scale.h"

namespace winnow {
namespace {

/// More batches in flight gain nothing and cost their activations.
constexpr int kMostWorkers = 8;
/// Below this a batch no longer fills the matrix products.
constexpr int64_t kLeastBatch = 8;

class Stream {
 public:
  Stream(Loader& loader, EmbeddingModel& network, const StreamOptions& options,
         const std::function<void(const ImageBatch&, const at::Tensor&)>& sink)
      : loader_(loader), network_(network), options_(options), sink_(sink) {}

  /// Takes batches until there are none; any worker's failure ends all.
  void work() {
    try {
      ImageBatch batch;
      for (int64_t ticket = take(batch); ticket >= 0; ticket = take(batch)) {
        const auto z = embed_batch(network_, batch, options_);
        hand_over(ticket, batch, z);
      }
    } catch (...) {
      const std::lock_guard lock(reading_);
      if (!failure_) failure_ = std::current_exception();
    }
  }

  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  struct Done {
    ImageBatch batch;
    at::Tensor z;
  };

  /// @return the batch's number in loader order, -1 at the end
  int64_t take(ImageBatch& batch) {
    const std::lock_guard lock(reading_);
    if (failure_ || ended_) return -1;
    if (interrupted()) throw Error(ErrorCode::kInterrupted, "[embed] stopped on request");
    ended_ = !loader_.next(batch);
    return ended_ ? -1 : next_read_++;
  }

  void hand_over(int64_t ticket, ImageBatch& batch, const at::Tensor& z) {
    const std::lock_guard lock(writing_);
    std::vector<uint8_t> pixels;
    pixels.swap(batch.pixels);
    done_[ticket] = {batch, z};
    batch.pixels.swap(pixels);
    for (auto at = done_.find(next_write_); at != done_.end(); at = done_.find(++next_write_)) {
      sink_(at->second.batch, at->second.z);
      done_.erase(at);
    }
  }

  Loader& loader_;
  EmbeddingModel& network_;
  const StreamOptions& options_;
  const std::function<void(const ImageBatch&, const at::Tensor&)>& sink_;
  std::mutex reading_, writing_;
  std::map<int64_t, Done> done_;
  int64_t next_read_ = 0, next_write_ = 0;
  bool ended_ = false;
  std::exception_ptr failure_;
};

at::Tensor whitened(const Whitening& whitening, const at::Tensor& z) {
  const auto rows = whitening.apply({z.const_data_ptr<float>(), static_cast<size_t>(z.numel())});
  auto out = at::empty({z.size(0), whitening.out}, at::TensorOptions(at::kFloat));
  std::copy(rows.begin(), rows.end(), out.mutable_data_ptr<float>());
  return out;
}

int worker_count(const StreamOptions& options) {
  if (options.compute.device != "cpu") return 1;
  return options.workers > 0 ? options.workers : std::clamp(thread_count(), 1, kMostWorkers);
}

}  // namespace

int64_t batch_per_worker(int64_t pictures, const StreamOptions& options) {
  return std::max(std::min(pictures, kLeastBatch), pictures / worker_count(options));
}

at::Tensor embed_batch(EmbeddingModel& network, const ImageBatch& batch, const StreamOptions& options) {
  const c10::InferenceMode inference;
  const at::Device device(options.compute.device);
  const AutocastGuard autocast(options.compute.bf16, device.type());
  // Torch only reads the pixels.
  auto* pixels = const_cast<uint8_t*>(batch.pixels.data());
  const auto images = wrap_nhwc(pixels, batch.size, batch.height, batch.width).to(device);
  const auto raw = network.forward(images);
  if (options.raw) return raw.to(at::kCPU, at::kFloat).contiguous();
  auto z = normalize_rows(raw);
  if (options.flip) z = normalize_rows(z + normalize_rows(network.forward(images.flip(2))));
  for (const double scale : options.further_scales) {
    const auto scaled = scaled_pixels(images, scale);
    auto more = normalize_rows(network.forward(scaled));
    if (options.flip) more = normalize_rows(more + normalize_rows(network.forward(scaled.flip(2))));
    z = z + more;
  }
  if (!options.further_scales.empty()) z = normalize_rows(z);
  z = z.to(at::kCPU).contiguous();
  return options.whitening ? whitened(*options.whitening, z) : z;
}

void embed_stream(Loader& loader, EmbeddingModel& network, const StreamOptions& options,
                  const std::function<void(const ImageBatch&, const at::Tensor&)>& sink) {
  Stream stream(loader, network, options, sink);
  const int workers = worker_count(options);
  if (workers == 1) {
    stream.work();
    return stream.rethrow();
  }
  const int threads = at::get_num_threads();
  std::vector<std::thread> pool;
  for (int i = 0; i < workers; ++i)
    pool.emplace_back([&] {
      at::set_num_threads(std::max(1, threads / workers));
      stream.work();
    });
  for (auto& thread : pool) thread.join();
  // The setting of a worker is also the default of threads that start later.
  at::set_num_threads(threads);
  stream.rethrow();
}

}  // namespace winnow
