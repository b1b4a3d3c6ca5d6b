#include "tests/unit/src/models/model_support.h"

#include <ATen/ops/empty.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <limits>

namespace winnow::test {
namespace {

constexpr uint64_t kKnuth = 2654435761ULL;

/// In [-0.5, 0.5), exact in double.
double noise(uint64_t i, uint64_t salt) {
  return static_cast<double>((i * kKnuth + salt * 40503) % (uint64_t{1} << 32)) / 4294967296.0 - 0.5;
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

}  // namespace

at::Tensor sample_pictures(int64_t batch, int64_t side) {
  auto pictures = at::empty({batch, side, side, 3}, at::TensorOptions(at::kByte));
  auto* data = pictures.mutable_data_ptr<uint8_t>();
  for (int64_t i = 0; i < pictures.numel(); ++i)
    data[i] = static_cast<uint8_t>((static_cast<uint64_t>(i) * kKnuth % (uint64_t{1} << 32)) >> 24);
  return pictures;
}

void fill_by_formula(EmbeddingModel& model) {
  const c10::NoGradGuard no_grad;
  uint64_t salt = 0;
  for (auto& [name, tensor] : model.state()) {
    ++salt;
    if (!tensor.is_floating_point() || name == "pool.p") continue;
    auto values = at::empty(tensor.sizes(), at::TensorOptions(at::kFloat));
    auto* data = values.mutable_data_ptr<float>();
    const int64_t count = tensor.numel();
    const double fan_in = tensor.dim() > 1 ? static_cast<double>(count / tensor.size(0)) : 1.0;
    // Weights with variance 2 / fan_in; batch norm near 1 (weight, variance) and 0 (bias, mean).
    const double scale = tensor.dim() > 1 ? std::sqrt(24.0 / fan_in) : 0.4;
    const bool near_one = tensor.dim() == 1 && (ends_with(name, ".weight") || ends_with(name, ".running_var"));
    for (int64_t i = 0; i < count; ++i)
      data[i] = static_cast<float>(scale * noise(static_cast<uint64_t>(i), salt) + (near_one ? 1.0 : 0.0));
    tensor.copy_(values);
  }
}

ModelOptions model_options(const std::string& backbone, const std::string& head, const std::string& pool,
                           const std::string& stem) {
  ModelOptions options;
  options.backbone = backbone;
  options.head = head;
  options.pool = pool;
  options.stem = stem;
  return options;
}

Preprocessing preprocessing_of(int size) {
  Preprocessing preprocessing;
  preprocessing.size = size;
  return preprocessing;
}

double distance(const at::Tensor& a, const at::Tensor& b) {
  if (a.sizes() != b.sizes()) return std::numeric_limits<double>::infinity();
  const double largest = a.to(at::kDouble).sub(b.to(at::kDouble)).abs().max().item<double>();
  return std::isfinite(largest) ? largest : std::numeric_limits<double>::infinity();
}

ErrorCode code_of(const std::function<void()>& action, std::string* message) {
  try {
    action();
  } catch (const Error& error) {
    if (message) *message = error.what();
    return error.code();
  }
  ADD_FAILURE() << "no winnow::Error was thrown";
  return ErrorCode::kInternal;
}

}  // namespace winnow::test
