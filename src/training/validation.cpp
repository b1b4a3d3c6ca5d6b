#include "src/training/validation.h"

#include <ATen/core/Tensor.h>

#include "src/core/error.h"
#include "src/evaluation/retrieval.h"
#include "src/training/embed_stream.h"

namespace winnow {
namespace {

VectorSet view_of(const std::vector<float>& vectors, const std::vector<int64_t>& labels,
                  const std::vector<int64_t>& ids, int64_t dim) {
  return {vectors, static_cast<int64_t>(labels.size()), dim, labels, ids};
}

}  // namespace

Validator::Validator(const TrainingData& data, const ExperimentConfig& config, const Compute& compute)
    : config_(config), compute_(compute), stream_{compute, false, 0}, queries_(make_side(data.val)) {
  if (data.val_has_train_classes) gallery_ = std::make_unique<Side>(make_side(data.train));
}

Validator::Side Validator::make_side(const Dataset& dataset) const {
  Side side;
  side.dataset = &dataset;
  side.loader = std::make_unique<Loader>(dataset, make_loader_options(config_.data, compute_.device, false),
                                         batch_per_worker(config_.training.batch, stream_));
  return side;
}

void Validator::embed(Side& side, EmbeddingModel& network) const {
  side.vectors.clear();
  side.labels.clear();
  side.ids.clear();
  side.loader->start(0);
  embed_stream(*side.loader, network, stream_, [&](const ImageBatch& batch, const at::Tensor& z) {
    const float* values = z.const_data_ptr<float>();
    side.vectors.insert(side.vectors.end(), values, values + z.numel());
    side.labels.insert(side.labels.end(), batch.labels.begin(), batch.labels.end());
    side.ids.insert(side.ids.end(), batch.positions.begin(), batch.positions.end());
  });
}

std::map<std::string, double> Validator::run(EmbeddingModel& model) {
  const auto network = model.fused();
  embed(queries_, *network);
  if (gallery_) embed(*gallery_, *network);
  RetrievalOptions options;
  options.ks = kValidationKs;
  options.same_set = !gallery_;
  options.keep_hits = 0;
  options.bootstrap = 0;
  const Side& other = gallery_ ? *gallery_ : queries_;
  const auto result = evaluate_retrieval(view_of(queries_.vectors, queries_.labels, queries_.ids, network->dim()),
                                         view_of(other.vectors, other.labels, other.ids, network->dim()), options);
  if (result.queries.empty())
    throw Error(ErrorCode::kData, "[validation] at least one query with another picture of its class is required, " +
                                      queries_.dataset->name + " has none");
  return result.metrics;
}

}  // namespace winnow
