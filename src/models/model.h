#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "src/config/family.h"
#include "src/config/options.h"
#include "src/core/files.h"

namespace winnow {

/// The `model:` section.
struct ModelOptions : Options {
  std::string backbone = "resnet18";  ///< see backbone_family()
  std::string stem = "standard";      ///< standard (7x7/2 + maxpool) | small (3x3/1, no maxpool) | early (3x3/2);
                                      ///< small_cnn: 3x3, stride 1 if small, else 2
  std::string pool = "avg";           ///< avg | max | gem
  double gem_p = 3.0;
  bool gem_learn = true;
  std::string head = "linear";  ///< none | linear | linear_bn | bn (BN neck): what follows the pooling
  int64_t dim = 128;            ///< D (ignored for head none and bn)
  /// he: convolutions He normal by fan-out, linear layers PyTorch's default (what torchvision and nn.Linear draw);
  /// xavier: both Glorot uniform. Batch norm starts at 1 and 0.
  std::string init = "he";
  std::string weights;   ///< safetensors file with torchvision key names; "" = random
  double dropout = 0.0;  ///< before the linear head
  void visit(OptionVisitor& v) override;
  std::vector<std::string> check() const override;
};

/// How pixels become network input; part of the model.
struct Preprocessing {
  int size = 224;
  double crop_ratio = 0.875;
  std::string view = "crop";
  bool reduced_decode = true;
  std::vector<double> mean = {0.485, 0.456, 0.406}, std = {0.229, 0.224, 0.225};
  /// SHA-256 of the canonical text of all fields: embeddings of two digests must not be mixed.
  std::string digest() const;
};

/// Backbone + pooling + embedding head as one network. Weights are float32, convolutions channels-last.
/// forward() is not thread-safe in training mode; concurrent eval-mode forwards are safe. Under at::autocast the
/// convolutions run in the lower precision; the embedding is float all the same.
class EmbeddingModel {
 public:
  virtual ~EmbeddingModel() = default;
  /// @param images uint8 [B, H, W, 3] (from Loader) or float [B, 3, H, W] already normalised; any H and W; moved to the
  ///               model's device when they are elsewhere
  /// @return float [B, D], raw embedding (not normalised)
  /// @throws Error(kShape) for another shape or type
  virtual at::Tensor forward(const at::Tensor& images) = 0;
  virtual void train(bool on) = 0;
  virtual bool is_training() const = 0;
  virtual int64_t dim() const = 0;
  virtual int64_t parameter_count() const = 0;
  /// In registration order; torchvision key names for the backbone ("layer1.0.conv1.weight"), "pool.p", "embedding.*"
  /// for ours. The tensors are handles: writing to them (in place) changes the model, and to() keeps them valid.
  virtual std::vector<std::pair<std::string, at::Tensor>> parameters() = 0;
  /// Parameters and buffers.
  virtual std::vector<std::pair<std::string, at::Tensor>> state() = 0;
  virtual void to(const std::string& device) = 0;
  /// A copy for inference with batch norm folded into convolutions (outputs equal within 1e-4), on a CPU 1.2 x (one
  /// thread) to 1.5 x (two) as fast as eager operators. It has no parameters, does not train, and always works in
  /// float32 without autograd.
  virtual std::unique_ptr<EmbeddingModel> fused() const = 0;
  virtual std::unique_ptr<EmbeddingModel> clone() const = 0;
  virtual const Preprocessing& preprocessing() const = 0;
  /// Output of the last convolution stage, float [B, C, h, w] (for "why" overlays and watchdogs).
  virtual at::Tensor feature_map(const at::Tensor& images) = 0;
  /// Floating-point operations (2 x multiply-adds) of one picture's forward pass.
  virtual double forward_flops() const = 0;
};

/// Names and one-liners of the backbones (resnet18, resnet34, resnet50, resnet101, small_cnn, mlp).
const Family& backbone_family();

/// A model in training mode on the CPU.
/// @param seed  of the random weights; each tensor has its own stream, so another head leaves the backbone as it is
/// @throws Error(kConfig) for an impossible combination, Error(kNotFound | kData) from `options.weights`
std::unique_ptr<EmbeddingModel> make_model(const ModelOptions& options, const Preprocessing& preprocessing,
                                           uint64_t seed);

/// What a model folder says about itself, besides the weights.
struct ModelCard {
  std::string name, created, winnow_version, licence = "unknown", training_data, config_yaml;
  std::string weights_digest;  ///< SHA-256 of model.safetensors: the model's identity
  int64_t dim = 0;
  std::string preprocessing_digest;
  std::vector<std::pair<std::string, double>> metrics;  ///< e.g. {"val.recall@1", 0.41}
};

/// Writes FOLDER/model.safetensors and FOLDER/card.json with 16 golden pictures (generated, uint8, stored as PNG in the
/// card) and their vectors. Atomic: the card is renamed last.
void save_model(const fs::path& folder, EmbeddingModel& model, const ModelOptions& options, ModelCard card);

struct LoadedModel {
  std::unique_ptr<EmbeddingModel> model;  ///< eval mode
  ModelOptions options;
  ModelCard card;
};

/// Loads a model folder; checks the weights' digest and, unless `check_golden` is false, the golden vectors (cosine
/// >= 0.9999). @throws Error(kNotFound | kData) naming file and cause, Error(kMismatch) when golden vectors differ
LoadedModel load_model(const fs::path& folder, bool check_golden = true);
/// The card alone: no Torch work.
ModelCard read_model_card(const fs::path& folder);
/// Largest difference of the golden vectors (1 - cosine), for `winnow doctor`.
double golden_error(const fs::path& folder, EmbeddingModel& model);

/// One line for each key that is missing, extra, of another shape or not finite, empty when `weights` fits.
/// torchvision's `fc.*` and batch norm's `num_batches_tracked` do not count.
std::vector<std::string> diff_weights(const fs::path& weights, EmbeddingModel& model);
/// Loads a whole state, or a backbone's (keys `embedding.*` and `pool.*` absent: these stay as they are).
/// @throws Error(kData) with the diff when anything else differs; the model is unchanged then
void load_weights(const fs::path& weights, EmbeddingModel& model);

}  // namespace winnow
