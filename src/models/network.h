#pragma once

#include "src/models/backbone.h"
#include "src/models/head.h"
#include "src/models/model.h"
#include "src/models/safetensors.h"

namespace winnow {

/// The trainable EmbeddingModel: backbone, pooling and head over plain ATen operators.
class Network : public EmbeddingModel {
 public:
  Network(const ModelOptions& options, const Preprocessing& preprocessing, const Initializer& init);
  at::Tensor forward(const at::Tensor& images) override;
  void train(bool on) override { training_ = on; }
  bool is_training() const override { return training_; }
  int64_t dim() const override { return head_.dim; }
  int64_t parameter_count() const override;
  NamedTensors parameters() override;
  NamedTensors state() override;
  void to(const std::string& device) override;
  std::unique_ptr<EmbeddingModel> fused() const override;
  std::unique_ptr<EmbeddingModel> clone() const override;
  const Preprocessing& preprocessing() const override { return preprocessing_; }
  at::Tensor feature_map(const at::Tensor& images) override;
  double forward_flops() const override;

 private:
  void visit(const TensorVisitor& visitor);

  Preprocessing preprocessing_;
  Backbone backbone_;
  Pool pool_;
  Head head_;
  at::Device device_ = at::kCPU;
  bool training_ = true;
};

/// As make_model, but `options.weights` is not read. @throws Error(kConfig) for an impossible combination
std::unique_ptr<Network> make_network(const ModelOptions& options, const Preprocessing& preprocessing,
                                      const Initializer& init);

}  // namespace winnow
