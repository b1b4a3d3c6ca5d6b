// Losses on given batches, for tools/dev/parity_pml.py.   bench_parity FOLDER
// FOLDER/request.json lists cases; each names a YAML file with the loss, embeddings [N, B, D] (float64 .npy), labels
// [N, B] (int64) and, where the loss has them, its parameters. Written: NAME_values.npy [N, 1] and NAME_gradients.npy
// [N, B * D] (float32, computed in float64), and FOLDER/times.json with the ms of a forward and backward in float32.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <numeric>
#include <vector>

#include "losses/loss.h"
#include "src/config/reader.h"
#include "src/core/error.h"
#include "src/core/json.h"
#include "src/core/npy.h"
#include "src/tensor/device.h"

namespace winnow {
namespace {

struct LossFile : Options {
  Choice loss;
  void visit(OptionVisitor& v) override { v.member("loss", loss, loss_family(), "the loss"); }
};

at::Tensor read_tensor(const fs::path& file) {
  const NpyFile npy(file);
  const auto type = npy.dtype() == "<f8" ? at::kDouble : npy.dtype() == "<i8" ? at::kLong : at::kFloat;
  if (npy.dtype() == "<i4") throw Error(ErrorCode::kData, "[bench_parity] int32 is not read: " + file.string());
  auto out = at::empty(npy.shape(), at::TensorOptions(type));
  std::memcpy(out.data_ptr(), npy.raw().data(), npy.raw().size());
  return out;
}

LossBatch batch_of(const at::Tensor& raw, const at::Tensor& labels) {
  LossBatch batch;
  batch.raw = raw;
  batch.z = raw / raw.norm(2, 1, true);
  batch.labels = labels;
  batch.rows = at::arange(labels.size(0), at::TensorOptions(at::kLong));
  batch.progress = 0.5;
  return batch;
}

std::unique_ptr<Loss> make_case(const nlohmann::json& item, const fs::path& folder, int64_t dim, at::ScalarType type) {
  LossFile file;
  read_config({folder / item.at("config").get<std::string>(), {}}, file);
  LossContext context;
  context.classes = item.at("classes");
  context.dim = dim;
  context.items = 4096;
  context.total_steps = context.steps_per_epoch = 100;
  context.dtype = type;
  auto loss = loss_family().maker(file.loss.name)(*file.loss.options, context);
  const at::NoGradGuard no_grad;
  for (auto& [name, parameter] : loss->parameters())
    if (item.at("parameters").contains(name))
      parameter.copy_(read_tensor(folder / item.at("parameters").at(name).get<std::string>()));
  return loss;
}

at::Tensor reduced_value(Loss& loss, const LossBatch& batch) {
  const Targets targets{batch.labels, {}, at::ones({batch.labels.size(0)}, batch.z.options().requires_grad(false))};
  const auto value = reduce_items(loss.forward(batch, targets).items, targets.trust);
  loss.after_step(batch, targets);
  return value;
}

void compare(const nlohmann::json& item, const fs::path& folder) {
  const auto name = item.at("name").get<std::string>();
  const auto x = read_tensor(folder / item.at("embeddings").get<std::string>());
  const auto labels = read_tensor(folder / item.at("labels").get<std::string>());
  const auto loss = make_case(item, folder, x.size(2), at::kDouble);
  std::vector<float> values, gradients;
  for (int64_t i = 0; i < x.size(0); ++i) {
    const auto raw = x[i].clone().requires_grad_(true);
    const auto value = reduced_value(*loss, batch_of(raw, labels[i]));
    if (value.requires_grad()) value.backward();
    const auto slope = raw.grad().defined() ? raw.grad().to(at::kFloat).contiguous() : at::zeros_like(raw, at::kFloat);
    values.push_back(value.item<float>());
    gradients.insert(gradients.end(), slope.data_ptr<float>(), slope.data_ptr<float>() + slope.numel());
  }
  const auto count = x.size(0);
  write_npy(folder / (name + "_values.npy"), values, count, 1);
  write_npy(folder / (name + "_gradients.npy"), gradients, count, x.size(1) * x.size(2));
}

/// Median ms of a forward and backward on the last batch, embeddings and parameters both with gradient.
double milliseconds(const nlohmann::json& item, const fs::path& folder, int repeats) {
  const auto x = read_tensor(folder / item.at("timed_embeddings").get<std::string>());
  const auto labels = read_tensor(folder / item.at("timed_labels").get<std::string>());
  auto sized = item;
  sized["classes"] = item.at("timed_classes");
  sized["parameters"] = nlohmann::json::object();
  const auto loss = make_case(sized, folder, x.size(1), at::kFloat);
  std::vector<double> times;
  for (int i = -2; i < repeats; ++i) {  // the first two only warm up
    const auto raw = x.to(at::kFloat).requires_grad_(true);
    const auto start = std::chrono::steady_clock::now();
    reduced_value(*loss, batch_of(raw, labels)).backward();
    const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - start;
    if (i >= 0) times.push_back(taken.count());
    for (auto& [name, parameter] : loss->parameters()) parameter.mutable_grad() = at::Tensor();
  }
  std::nth_element(times.begin(), times.begin() + repeats / 2, times.end());
  return times[static_cast<size_t>(repeats / 2)];
}

void run(const fs::path& folder) {
  init_torch_threads();
  const auto request = read_json(folder / "request.json");
  nlohmann::ordered_json times;
  for (const auto& item : request.at("cases")) {
    if (item.contains("embeddings")) compare(item, folder);
    if (item.contains("timed_embeddings"))
      times[item.at("name").get<std::string>()] = milliseconds(item, folder, request.at("repeats"));
  }
  write_json_atomically(folder / "times.json", times);
}

}  // namespace
}  // namespace winnow

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: bench_parity FOLDER (made by tools/dev/parity_pml.py)\n");
    return 2;
  }
  try {
    winnow::run(argv[1]);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
