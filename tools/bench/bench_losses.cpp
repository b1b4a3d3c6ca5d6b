// What a loss costs: forward, backward and after_step of every registered loss at batch 64, 10,000 classes, 128
// dimensions, beside a training step of ResNet-18 on 64x64 pictures at the same batch. `--json` prints one document,
// `--smoke` runs a small size once.
#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "losses/loss.h"
#include "src/core/parallel.h"
#include "src/models/model.h"
#include "src/tensor/device.h"
#include "src/training/optimizer.h"

namespace {

using Clock = std::chrono::steady_clock;

struct Size {
  int64_t batch = 64, classes = 10000, dim = 128, items = 4096;
  int repeats = 7;
};

/// Median milliseconds of a call, after one that warms up.
template <typename F>
double median_ms(int repeats, F&& run) {
  std::vector<double> times;
  run();
  for (int r = 0; r < repeats; ++r) {
    const auto start = Clock::now();
    run();
    times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  }
  std::nth_element(times.begin(), times.begin() + repeats / 2, times.end());
  return times[static_cast<size_t>(repeats / 2)];
}

/// 4 pictures of each class of the batch, so that pair losses have pairs.
winnow::LossBatch make_batch(const Size& size) {
  auto generator = at::detail::createCPUGenerator(1);
  winnow::LossBatch batch;
  batch.raw = at::randn({size.batch, size.dim}, generator, at::TensorOptions(at::kFloat)).requires_grad_(true);
  batch.labels = (at::arange(size.batch, at::kLong) / 4).to(at::kLong) * 7 % size.classes;
  batch.rows = at::arange(size.batch, at::kLong);
  batch.progress = 0.5;
  batch.step = 50;
  return batch;
}

double loss_ms(const std::string& name, const Size& size) {
  winnow::LossContext context;
  context.classes = size.classes;
  context.dim = size.dim;
  context.items = size.items;
  context.total_steps = 100;
  context.steps_per_epoch = 10;
  const auto loss = winnow::loss_family().maker(name)(*winnow::loss_family().make_options(name), context);
  auto batch = make_batch(size);
  const auto trust = at::ones({size.batch});
  return median_ms(size.repeats, [&] {
    batch.z = batch.raw / batch.raw.norm(2, 1, true);
    const winnow::Targets targets{batch.labels, {}, trust};
    const auto value = winnow::reduce_items(loss->forward(batch, targets).items, trust);
    if (value.requires_grad()) value.backward();
    auto after = batch;
    after.raw = batch.raw.detach();
    after.z = batch.z.detach();
    loss->after_step(after, targets);
  });
}

double resnet_step_ms(const Size& size) {
  winnow::ModelOptions options;
  options.backbone = "resnet18";
  options.dim = size.dim;
  winnow::Preprocessing preprocessing;
  preprocessing.size = 64;
  auto model = winnow::make_model(options, preprocessing, 0);
  model->train(true);
  winnow::TrainingOptions training;
  winnow::Optimizer optimizer(training, {{model->parameters(), 1.0}});
  const auto x = at::randn({size.batch, 3, 64, 64}).contiguous(at::MemoryFormat::ChannelsLast);
  return median_ms(std::min(size.repeats, 3), [&] {
    optimizer.zero_grad();
    model->forward(x).square().mean().backward();
    optimizer.step(1e-3);
  });
}

}  // namespace

int main(int argc, char** argv) {
  Size size;
  bool json = false;
  for (int i = 1; i < argc; ++i) {
    json |= std::strcmp(argv[i], "--json") == 0;
    if (std::strcmp(argv[i], "--smoke") == 0) size = {8, 12, 16, 64, 1};
  }
  winnow::init_torch_threads();
  const double step = resnet_step_ms(size);
  if (json)
    std::printf(
        "{\"batch\": %ld, \"classes\": %ld, \"dim\": %ld, \"threads\": %d, \"resnet18_64_step_ms\": %.3f, \"losses\": "
        "[",
        long(size.batch), long(size.classes), long(size.dim), winnow::thread_count(), step);
  else
    std::printf("batch %ld, %ld classes, %ld dimensions, %d threads; a ResNet-18 step takes %.1f ms\n%-28s %10s %10s\n",
                long(size.batch), long(size.classes), long(size.dim), winnow::thread_count(), step, "loss", "ms",
                "of a step");
  bool first = true;
  for (const auto& name : winnow::loss_family().names()) {
    const double ms = loss_ms(name, size);
    if (json)
      std::printf("%s{\"name\": \"%s\", \"ms\": %.3f, \"share_of_step\": %.4f}", first ? "" : ", ", name.c_str(), ms,
                  ms / step);
    else
      std::printf("%-28s %10.2f %9.1f%%\n", name.c_str(), ms, 100 * ms / step);
    first = false;
  }
  if (json) std::printf("]}\n");
  return 0;
}
