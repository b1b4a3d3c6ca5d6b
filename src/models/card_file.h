#pragma once

#include <vector>

#include "src/models/golden.h"
#include "src/models/model.h"

namespace winnow {

inline constexpr const char* kWeightsFile = "model.safetensors";
inline constexpr const char* kCardFile = "card.json";

/// Everything in card.json.
struct CardFile {
  ModelCard card;
  ModelOptions options;
  Preprocessing preprocessing;
  std::vector<GoldenPair> golden;
  int64_t parameters = 0;
  double forward_gflops = 0.0;
};

/// Reads and checks FOLDER/card.json. @param with_golden decode the golden pictures too
/// @throws Error(kNotFound | kData) naming the file and the field
CardFile read_card_file(const fs::path& folder, bool with_golden);

/// Writes FOLDER/card.json atomically.
void write_card_file(const fs::path& folder, const CardFile& file);

}  // namespace winnow
