#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "losses/loss.h"
#include "src/models/model.h"
#include "src/training/embed_stream.h"
#include "src/training/training_data.h"

namespace winnow {

/// Retrieval on the validation set during training: leave-one-out when its classes are not trained on, else the
/// validation pictures as queries against the training pictures with their given labels. Evaluation view, exact search.
/// Accuracy is the share of validation pictures of trained classes whose class the loss's own head predicts.
class Validator {
 public:
  /// @param data must outlive this and have a validation set
  Validator(const TrainingData& data, const ExperimentConfig& config, const Compute& compute);

  /// @param model eval mode @param classifier  gives the class scores for accuracy; may be null otherwise
  /// @return recall@k, precision@k, map@r, ... (kValidationKs) and accuracy, as training.validate says
  /// @throws Error(kInterrupted) after Ctrl-C, Error(kData) when no query has a relevant item, or no picture a trained
  ///         class, Error(kConfig) when accuracy is asked for and no loss has class scores
  std::map<std::string, double> run(EmbeddingModel& model, Loss* classifier);

 private:
  struct Side {
    const Dataset* dataset = nullptr;
    std::unique_ptr<Loader> loader;  ///< kept, so that its cache serves every validation
    std::vector<float> vectors;
    std::vector<int64_t> labels, ids;
  };
  Side make_side(const Dataset& dataset) const;
  void embed(Side& side, EmbeddingModel& network, const std::function<void(const at::Tensor& raw)>& look) const;
  std::map<std::string, double> retrieval() const;

  const ExperimentConfig& config_;
  Compute compute_;
  StreamOptions stream_;
  int64_t dim_ = 0, trained_classes_ = 0;
  Side queries_;
  std::unique_ptr<Side> gallery_;  ///< null = the queries themselves
};

}  // namespace winnow
