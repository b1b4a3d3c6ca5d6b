#include <ATen/core/Tensor.h>
#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>

#include <algorithm>
#include <chrono>

#include "src/core/error.h"
#include "src/core/parallel.h"
#include "src/core/random.h"
#include "src/tensor/device.h"
#include "src/training/step.h"
#include "src/training/trainer.h"

namespace winnow {
namespace {

constexpr int kTimedSteps = 4;
constexpr int64_t kSmallBatch = 4, kLargeBatch = 8;  // of the two steps whose memory is compared

/// Counts the bytes that Torch holds on this thread while it is installed.
class AllocationPeak : public c10::MemoryReportingInfoBase {
 public:
  void reportMemoryUsage(void*, int64_t bytes, size_t, size_t, c10::Device) override {
    live_ += bytes;
    peak_ = std::max(peak_, live_);
  }
  bool memoryProfilingEnabled() const override { return true; }
  int64_t peak() const { return peak_; }

 private:
  int64_t live_ = 0, peak_ = 0;
};

ImageBatch random_batch(const TrainingData& data, int64_t size, int side) {
  ImageBatch batch;
  batch.size = size;
  batch.height = batch.width = side;
  batch.pixels.resize(static_cast<size_t>(size * side * side * 3));
  Random random(1, "plan");
  for (auto& value : batch.pixels) value = static_cast<uint8_t>(random.below(256));
  for (int64_t i = 0; i < size; ++i) {
    const auto position = i % static_cast<int64_t>(data.train.items.size());
    batch.positions.push_back(position);
    batch.rows.push_back(data.train.items[static_cast<size_t>(position)].row);
    batch.labels.push_back(data.train.items[static_cast<size_t>(position)].label);
  }
  return batch;
}

/// The last step of a run: whatever waits for the end of a warm-up is then at work.
struct LastStep {
  TrainStep& step;
  int64_t number, epoch;
  void run(const ImageBatch& batch) { step.run(batch, number, epoch); }
};

int64_t step_peak(LastStep& step, const ImageBatch& batch) {
  const auto peak = std::make_shared<AllocationPeak>();
  const c10::DebugInfoGuard guard(c10::DebugInfoKind::PROFILER_STATE, peak);
  step.run(batch);
  return peak->peak();
}

double time_step(LastStep& step, const ImageBatch& batch) {
  step.run(batch);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < kTimedSteps; ++i) step.run(batch);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / kTimedSteps;
}

/// Copies of the weights that a run keeps: weights, moments, moving average.
int64_t stored_copies(const TrainingOptions& options) {
  const int64_t moments = options.optimizer == "sgd" ? (options.momentum > 0 ? 1 : 0) : 2;
  return 1 + moments + (options.ema_decay > 0 ? 1 : 0);
}

double validation_forwards(const ExperimentConfig& config, const TrainingData& data) {
  if (data.val.items.empty() || config.training.validate_every == 0) return 0;
  const auto times = (config.training.epochs + config.training.validate_every - 1) / config.training.validate_every;
  const auto images = data.val.items.size() + (data.val_has_train_classes ? data.train.items.size() : 0);
  return static_cast<double>(times) * static_cast<double>(images);
}

}  // namespace

CostCard plan_training(ExperimentConfig& config, bool measure) {
  const TrainingData data = load_training_data(config);
  const auto sampler = make_sampler(config, data);
  CostCard card;
  card.device = resolve_device(config.training.device);
  const PrecisionProbe probe = probe_precision(config.training.precision, card.device);
  card.precision = probe.chosen;
  card.images = static_cast<int64_t>(data.train.items.size());
  card.classes = data.train.classes();
  card.steps = sampler->batches_per_epoch() * config.training.epochs;

  const uint64_t before = peak_rss_bytes();
  const int64_t batch = config.training.batch * views_per_picture(config);
  const int side = static_cast<int>(config.data.size);
  TrainStep step(config, data, {card.device, probe.chosen == "bf16"},
                 std::max<int64_t>(1, sampler->batches_per_epoch()));
  LastStep last{step, std::max<int64_t>(1, card.steps) - 1, config.training.epochs - 1};
  card.parameters = step.model().parameter_count();
  card.gflops_per_image = step.model().forward_flops() / 1e9;

  last.run(random_batch(data, kSmallBatch, side));
  const int64_t small = step_peak(last, random_batch(data, kSmallBatch, side));
  const int64_t large = step_peak(last, random_batch(data, kLargeBatch, side));
  const int64_t per_image = std::max<int64_t>(0, large - small) / (kLargeBatch - kSmallBatch);
  const int64_t weights = 4 * card.parameters, copies = stored_copies(config.training);
  const int64_t queue = config.data.prefetch * batch * side * side * 3;
  card.memory_bytes = before + static_cast<uint64_t>(weights * (copies + 1) + per_image * batch + queue);
  // checkpoints/last and its successor while it is written, best, model
  card.disk_bytes = static_cast<uint64_t>(weights * (2 * copies + 2));

  const double gflops = card.precision == "bf16" ? probe.bf16_gflops : probe.fp32_gflops;
  card.seconds_per_step = measure ? time_step(last, random_batch(data, batch, side))
                                  : 3 * card.gflops_per_image * static_cast<double>(batch) / std::max(1.0, gflops);
  const double forward = card.seconds_per_step / (3 * static_cast<double>(batch));
  card.seconds_total =
      card.seconds_per_step * static_cast<double>(card.steps) + forward * validation_forwards(config, data);
  return card;
}

}  // namespace winnow
