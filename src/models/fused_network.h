#pragma once

#include <optional>
#include <vector>

#include "src/models/backbone.h"
#include "src/models/fused_conv.h"
#include "src/models/head.h"
#include "src/models/pool_choice.h"
#include "src/models/safetensors.h"

namespace winnow {

/// A frozen network for inference: batch norm folded, no autograd, and a batch is worked through in pieces whose
/// activations stay in the processor's cache. Concurrent forwards are safe.
class FusedNetwork : public EmbeddingModel {
 public:
  FusedNetwork(const Backbone& backbone, const Pool& pool, const Head& head, const Preprocessing& preprocessing,
               const at::Device& device, double flops);
  at::Tensor forward(const at::Tensor& images) override;
  /// @throws Error(kInternal) when asked to train
  void train(bool on) override;
  bool is_training() const override { return false; }
  int64_t dim() const override { return head_.dim; }
  int64_t parameter_count() const override;
  NamedTensors parameters() override { return {}; }
  /// Folded weights and biases, then pooling and head.
  NamedTensors state() override;
  void to(const std::string& device) override;
  std::unique_ptr<EmbeddingModel> fused() const override { return clone(); }
  /// Shares the weights, which never change.
  std::unique_ptr<EmbeddingModel> clone() const override { return std::make_unique<FusedNetwork>(*this); }
  const Preprocessing& preprocessing() const override { return preprocessing_; }
  at::Tensor feature_map(const at::Tensor& images) override;
  double forward_flops() const override { return flops_; }
  /// Changes the pooling of this copy (pool_choice.h). @throws Error(kUsage)
  void pool_by(const PoolChoice& choice);

 private:
  struct FusedBlock {
    std::vector<FusedConv> body;
    std::optional<FusedConv> downsample;
    bool residual = true;
    at::Tensor forward(const at::Tensor& x) const;
  };
  at::Tensor features(const at::Tensor& images) const;
  at::Tensor embed_map(const at::Tensor& map) const;
  at::Tensor embed_regions(const at::Tensor& map) const;
  void visit(const TensorVisitor& visitor);
  void pack();

  Preprocessing preprocessing_;
  FusedConv stem_;
  bool max_pool_;
  std::vector<FusedBlock> blocks_;
  Pool pool_;
  bool regional_ = false;  ///< R-MAC instead of pool_
  Head head_;
  at::Device device_;
  double flops_;
};

}  // namespace winnow
