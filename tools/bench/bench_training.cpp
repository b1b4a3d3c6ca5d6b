// One training step of ResNet-18 at 64x64, batch 64: forward, cross entropy over 1,000 classes, backward, SGD with
// momentum, on fixed random pictures: the step of the eager PyTorch peer. Prints one JSON line a layout of work.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "src/core/parallel.h"
#include "src/models/model.h"
#include "src/tensor/device.h"
#include "src/training/optimizer.h"

namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

struct Case {
  std::string backbone;
  int64_t size, batch;
  int steps;
};

void train_case(const Case& c, int repeats) {
  winnow::ModelOptions options;
  options.backbone = c.backbone;
  options.dim = 1000;
  winnow::Preprocessing preprocessing;
  preprocessing.size = static_cast<int>(c.size);
  auto model = winnow::make_model(options, preprocessing, 0);
  model->train(true);
  winnow::TrainingOptions training;
  training.optimizer = "sgd";
  training.weight_decay = 0;
  winnow::Optimizer optimizer(training, {{model->parameters(), 1.0}});
  const auto x = at::randn({c.batch, 3, c.size, c.size}).contiguous(at::MemoryFormat::ChannelsLast);
  const auto y = at::randint(1000, {c.batch}, at::kLong);
  double best = 1e30;
  for (int r = 0; r <= repeats; ++r) {  // the first round warms up
    const auto start = std::chrono::steady_clock::now();
    for (int s = 0; s < c.steps; ++s) {
      optimizer.zero_grad();
      at::cross_entropy_loss(model->forward(x), y).backward();
      optimizer.step(0.01);
    }
    if (r > 0) best = std::min(best, seconds_since(start));
  }
  const double rate = double(c.batch) * c.steps / best;
  std::printf("{\"case\": \"train_%s_%ld_b%ld\", \"threads\": %d, \"images_per_s\": %.1f, \"gflops\": %.1f}\n",
              c.backbone.c_str(), long(c.size), long(c.batch), winnow::thread_count(), rate,
              rate * 3 * model->forward_flops() / 1e9);
}

void inference_case(const Case& c, int repeats) {
  winnow::ModelOptions options;
  options.backbone = c.backbone;
  winnow::Preprocessing preprocessing;
  preprocessing.size = static_cast<int>(c.size);
  auto model = winnow::make_model(options, preprocessing, 0);
  model->train(false);
  auto fused = model->fused();
  const auto x = at::randn({c.batch, 3, c.size, c.size}).contiguous(at::MemoryFormat::ChannelsLast);
  for (auto* m : {model.get(), fused.get()}) {
    const at::NoGradGuard no_grad;
    double best = 1e30;
    for (int r = 0; r <= repeats; ++r) {
      const auto start = std::chrono::steady_clock::now();
      for (int s = 0; s < c.steps; ++s) m->forward(x);
      if (r > 0) best = std::min(best, seconds_since(start));
    }
    const double rate = double(c.batch) * c.steps / best;
    std::printf("{\"case\": \"inference_%s_%ld_b%ld%s\", \"threads\": %d, \"images_per_s\": %.1f, \"gflops\": %.1f}\n",
                c.backbone.c_str(), long(c.size), long(c.batch), m == fused.get() ? "_folded" : "",
                winnow::thread_count(), rate, rate * model->forward_flops() / 1e9);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const bool smoke = argc > 1 && std::string(argv[1]) == "--smoke";
  winnow::init_torch_threads();
  const int repeats = smoke ? 1 : 3;
  if (smoke) {
    train_case({"resnet18", 32, 4, 1}, repeats);
    inference_case({"resnet18", 32, 4, 1}, repeats);
    return 0;
  }
  train_case({"resnet18", 64, 64, 10}, repeats);
  inference_case({"resnet18", 224, 32, 3}, repeats);
  return 0;
}
