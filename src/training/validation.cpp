#include "src/training/validation.h"

#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros.h>

#include "src/core/error.h"
#include "src/evaluation/retrieval.h"
#include "src/training/embed_stream.h"

namespace winnow {
namespace {

VectorSet view_of(const std::vector<float>& vectors, const std::vector<int64_t>& labels,
                  const std::vector<int64_t>& ids, int64_t dim) {
  return {vectors, static_cast<int64_t>(labels.size()), dim, labels, ids};
}

/// The most likely class of each row. @param raw float [B, D]
std::vector<int64_t> predict(Loss& classifier, const at::Tensor& raw) {
  LossBatch batch;
  batch.raw = raw;
  batch.z = normalize_rows(raw);
  batch.labels = batch.rows = at::zeros({raw.size(0)}, raw.options().dtype(at::kLong));
  const auto best = classifier.logits(batch).argmax(1).to(at::kCPU).contiguous();
  const int64_t* values = best.const_data_ptr<int64_t>();
  return {values, values + best.numel()};
}

double share_right(const std::vector<int64_t>& predicted, const std::vector<int64_t>& labels, int64_t classes,
                   const std::string& name) {
  int64_t right = 0, known = 0;
  for (size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < 0 || labels[i] >= classes) continue;
    ++known;
    right += predicted[i] == labels[i] ? 1 : 0;
  }
  if (known == 0)
    throw Error(ErrorCode::kData, "[validation] accuracy needs pictures of trained classes, " + name + " has none");
  return static_cast<double>(right) / static_cast<double>(known);
}

StreamOptions raw_stream(const Compute& compute) {
  StreamOptions out;
  out.compute = compute;
  out.raw = true;
  return out;
}

}  // namespace

Validator::Validator(const TrainingData& data, const ExperimentConfig& config, const Compute& compute)
    : config_(config),
      compute_(compute),
      stream_(raw_stream(compute)),
      trained_classes_(data.train.classes()),
      queries_(make_side(data.val)) {
  if (data.val_has_train_classes) gallery_ = std::make_unique<Side>(make_side(data.train));
}

Validator::Side Validator::make_side(const Dataset& dataset) const {
  Side side;
  side.dataset = &dataset;
  side.loader = std::make_unique<Loader>(dataset, make_loader_options(config_.data, compute_.device, false),
                                         batch_per_worker(config_.training.batch, stream_));
  return side;
}

void Validator::embed(Side& side, EmbeddingModel& network, const std::function<void(const at::Tensor&)>& look) const {
  side.vectors.clear();
  side.labels.clear();
  side.ids.clear();
  side.loader->start(0);
  embed_stream(*side.loader, network, stream_, [&](const ImageBatch& batch, const at::Tensor& raw) {
    const at::NoGradGuard no_grad;
    side.labels.insert(side.labels.end(), batch.labels.begin(), batch.labels.end());
    side.ids.insert(side.ids.end(), batch.positions.begin(), batch.positions.end());
    const at::Tensor z = normalize_rows(raw).contiguous();
    const float* values = z.const_data_ptr<float>();
    side.vectors.insert(side.vectors.end(), values, values + z.numel());
    look(raw);
  });
}

std::map<std::string, double> Validator::retrieval() const {
  RetrievalOptions options;
  options.ks = kValidationKs;
  options.same_set = !gallery_;
  options.keep_hits = 0;
  options.bootstrap = 0;
  const Side& other = gallery_ ? *gallery_ : queries_;
  const auto result = evaluate_retrieval(view_of(queries_.vectors, queries_.labels, queries_.ids, dim_),
                                         view_of(other.vectors, other.labels, other.ids, dim_), options);
  if (result.queries.empty())
    throw Error(ErrorCode::kData, "[validation] at least one query with another picture of its class is required, " +
                                      queries_.dataset->name + " has none");
  return result.metrics;
}

std::map<std::string, double> Validator::run(EmbeddingModel& model, Loss* classifier) {
  const bool accuracy = config_.training.validate != "retrieval", search = config_.training.validate != "accuracy";
  if (accuracy && classifier == nullptr)
    throw Error(ErrorCode::kConfig, "[validation] accuracy needs a loss with class scores, such as cross_entropy");
  const auto network = model.fused();
  dim_ = network->dim();
  std::vector<int64_t> predicted;
  embed(queries_, *network, [&](const at::Tensor& raw) {
    if (!accuracy) return;
    const auto best = predict(*classifier, raw.to(at::Device(compute_.device)));
    predicted.insert(predicted.end(), best.begin(), best.end());
  });
  if (gallery_ && search) embed(*gallery_, *network, [](const at::Tensor&) {});
  std::map<std::string, double> out;
  if (search) out = retrieval();
  if (accuracy) out["accuracy"] = share_right(predicted, queries_.labels, trained_classes_, queries_.dataset->name);
  return out;
}

}  // namespace winnow
