#pragma once

#include <memory>
#include <optional>

#include "retrieval/embeddings.h"
#include "src/core/npy.h"
#include "src/labels/suspects.h"

namespace winnow {

/// What `noise rank` and `noise estimate` look at: exactly one of `target` and `probs`.
struct NoiseRequest {
  std::string target;                ///< run folder (trust.csv, dynamics.csv, embeddings/) or embeddings folder
  std::string probs, labels;         ///< .npy [N, C] of out-of-fold probabilities and CSV of labels
  std::string names;                 ///< file with the class of each column of `probs`, one a line
  std::string label_column;          ///< default: label
  std::vector<std::string> votes;    ///< columns with further answers
  std::vector<std::string> methods;  ///< signals to use; empty = all that the input allows but subcentre
  std::string filter;                ///< cut by one of confident_filters() instead of the estimated rate
  int64_t neighbours = 20, top = 0;
  double duplicate_cosine = 0.98;  ///< candidates for one picture under two labels
  uint64_t seed = 1;
};

/// Labels and what is known beside them. Rows of a source without a label are left out (and counted).
struct NoiseSource {
  std::vector<int64_t> labels;
  std::vector<std::string> names;
  RowNames rows;
  int64_t unlabelled = 0;
  std::vector<std::vector<int64_t>> answers;
  std::shared_ptr<NpyFile> probabilities_file;
  std::vector<float> converted;  ///< probabilities that were stored as float64
  Probabilities probabilities;   ///< empty: none
  std::vector<float> vectors;    ///< N x D unit vectors of the labelled rows
  int64_t dim = 0;
  std::vector<float> trust;            ///< empty: none
  Dynamics dynamics;                   ///< empty: none
  std::optional<double> trained_rate;  ///< what the trust estimator of the run took the rate for
  std::string pictures;                ///< card's `data`, for PictureFinder

  GivenLabels given() const { return {labels, names}; }
  UnitVectors unit_vectors() const { return {vectors, static_cast<int64_t>(labels.size()), dim}; }
};

/// @throws Error(kUsage | kNotFound | kData | kShape) naming file and row
NoiseSource open_noise_source(const NoiseRequest& request);

}  // namespace winnow
