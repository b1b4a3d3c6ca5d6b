#pragma once

#include <string>
#include <vector>

#include "src/image/image.h"
#include "src/models/model.h"

namespace winnow {

/// A picture and the raw embedding that the saved weights gave it.
struct GoldenPair {
  Image picture;
  std::vector<float> vector;
};

/// 16 generated pictures (stripes, discs, boxes, noise), the same on every machine, at most 64 pixels wide: enough to
/// notice a changed weight, layer or library, and quick.
std::vector<Image> golden_pictures(int size);

/// Embeds pictures of one size in evaluation mode; the model's mode is as before afterwards.
/// @return one raw vector a picture
std::vector<std::vector<float>> embed_golden(EmbeddingModel& model, const std::vector<Image>& pictures);

/// Largest 1 - cosine between stored vectors and those the model gives now: 0 is equal, 2 opposite, of another size or
/// not finite.
double golden_distance(EmbeddingModel& model, const std::vector<GoldenPair>& golden);

}  // namespace winnow
