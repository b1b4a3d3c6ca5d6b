#pragma once

#include "data/dataset.h"
#include "src/labels/inject.h"

namespace winnow {

struct InjectRequest {
  DataSource source;
  InjectOptions options;
  std::vector<std::string> map;  ///< FROM=TO, for type map
  std::string superclass;        ///< column with the superclass, for type superclass
  std::string features;          ///< embeddings folder of the same data, for types instance and cluster
  std::string out;
};
struct InjectOutcome {
  int64_t rows = 0, left_out = 0;
  InjectedLabels labels;
  std::string digest, noise_file, noise_digest;
};

/// Writes the noisy manifest (the right label in its own column `true_label`) and the noise file OUT.noise.json:
/// format, version, type, rates, seed, digest of the data set and every changed row with its true and new label, and
/// the SHA-256 of these lines, by which two experiments can tell that they used the same noise.
/// @throws Error(kUsage | kData)
InjectOutcome inject_dataset(const InjectRequest& request);

}  // namespace winnow
