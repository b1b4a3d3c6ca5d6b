#include "src/models/network.h"

#include <c10/core/Device.h>

#include "src/core/error.h"
#include "src/core/text.h"
#include "src/models/fused_network.h"
#include "src/models/input.h"
#include "src/models/option_fields.h"
#include "src/tensor/device.h"

namespace winnow {

Network::Network(const ModelOptions& options, const Preprocessing& preprocessing, const Initializer& init)
    : preprocessing_(preprocessing),
      backbone_(backbone_registry().maker(options.backbone)(options, init)),
      pool_(options),
      head_(options, backbone_.channels, init) {}

void Network::visit(const TensorVisitor& visitor) {
  backbone_.visit(visitor);
  pool_.visit(visitor);
  head_.visit(visitor);
}

at::Tensor Network::feature_map(const at::Tensor& images) {
  return backbone_.forward(network_input(images, preprocessing_, device_), training_);
}

at::Tensor Network::forward(const at::Tensor& images) {
  // Under autocast the last layer answers in bfloat16; losses and distances work in float.
  return head_.forward(pool_.forward(feature_map(images)), training_).to(at::kFloat);
}

int64_t Network::parameter_count() const {
  Network shallow(*this);
  int64_t count = 0;
  shallow.visit([&](const std::string&, at::Tensor& tensor, bool learned) { count += learned ? tensor.numel() : 0; });
  return count;
}

NamedTensors Network::parameters() {
  NamedTensors all;
  visit([&](const std::string& name, at::Tensor& tensor, bool learned) {
    if (learned) all.emplace_back(name, tensor);
  });
  return all;
}

NamedTensors Network::state() {
  NamedTensors all;
  visit([&](const std::string& name, at::Tensor& tensor, bool) { all.emplace_back(name, tensor); });
  return all;
}

void Network::to(const std::string& device) {
  device_ = at::Device(resolve_device(device));
  // set_data keeps the handles that an optimizer may hold already.
  visit([&](const std::string&, at::Tensor& tensor, bool) { tensor.set_data(tensor.detach().to(device_)); });
}

std::unique_ptr<EmbeddingModel> Network::fused() const {
  return std::make_unique<FusedNetwork>(backbone_, pool_, head_, preprocessing_, device_, forward_flops());
}

std::unique_ptr<EmbeddingModel> Network::clone() const {
  auto copy = std::make_unique<Network>(*this);
  copy->visit([](const std::string&, at::Tensor& tensor, bool) {
    tensor = tensor.detach().clone().requires_grad_(tensor.requires_grad());
  });
  return copy;
}

double Network::forward_flops() const { return backbone_.forward_flops(preprocessing_.size) + head_.forward_flops(); }

std::unique_ptr<Network> make_network(const ModelOptions& options, const Preprocessing& preprocessing,
                                      const Initializer& init) {
  ModelOptions checked = options;
  std::vector<std::string> faults = option_faults(checked);
  if (preprocessing.mean.size() != 3 || preprocessing.std.size() != 3)
    faults.push_back("preprocessing mean and std must have 3 values");
  for (const double value : preprocessing.std)
    if (!(value > 0.0)) faults.push_back("preprocessing std must be > 0");
  if (preprocessing.size < 1) faults.push_back("preprocessing size must be >= 1");
  if (!faults.empty()) throw Error(ErrorCode::kConfig, "[model] " + join(faults, "; "));
  return std::make_unique<Network>(options, preprocessing, init);
}

std::unique_ptr<EmbeddingModel> make_model(const ModelOptions& options, const Preprocessing& preprocessing,
                                           uint64_t seed) {
  auto model = make_network(options, preprocessing, Initializer(options.init, seed));
  if (!options.weights.empty()) load_weights(options.weights, *model);
  return model;
}

}  // namespace winnow
