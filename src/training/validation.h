#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "src/models/model.h"
#include "src/training/embed_stream.h"
#include "src/training/training_data.h"

namespace winnow {

/// Retrieval on the validation set during training: leave-one-out when its classes are not trained on, else the
/// validation pictures as queries against the training pictures with their given labels. Evaluation view, exact search.
class Validator {
 public:
  /// @param data must outlive this and have a validation set
  Validator(const TrainingData& data, const ExperimentConfig& config, const Compute& compute);

  /// @param model eval mode @return recall@k, precision@k, map@r, ... (kValidationKs)
  /// @throws Error(kInterrupted) after Ctrl-C, Error(kData) when no query has a relevant item
  std::map<std::string, double> run(EmbeddingModel& model);

 private:
  struct Side {
    const Dataset* dataset = nullptr;
    std::unique_ptr<Loader> loader;  ///< kept, so that its cache serves every validation
    std::vector<float> vectors;
    std::vector<int64_t> labels, ids;
  };
  Side make_side(const Dataset& dataset) const;
  void embed(Side& side, EmbeddingModel& network) const;

  const ExperimentConfig& config_;
  Compute compute_;
  StreamOptions stream_;
  Side queries_;
  std::unique_ptr<Side> gallery_;  ///< null = the queries themselves
};

}  // namespace winnow
