#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "retrieval/index.h"
#include "src/image/image.h"

namespace winnow {

/// The network that made an index, for callers that do not know Torch: pictures in, unit vectors out. Decoding, viewing
/// and everything the index's embeddings record (flip, scales, pooling, whitening) are those of embed_dataset: a
/// picture gets the vector that it has in the embeddings. Thread-safe (concurrent calls share the compute threads).
class PictureEncoder {
 public:
  /// @param model   model folder. @param folder  of the index, with its whitening if it has one
  /// @throws Error(kMismatch) when the model did not make the vectors of the index or prepares pictures differently,
  /// with the commands that make them anew, Error(kNotFound | kData) from loading
  PictureEncoder(const fs::path& model, const fs::path& folder, const IndexInfo& index);
  ~PictureEncoder();

  int64_t dim() const;
  /// @param whole  the picture is used as it is, so a JPEG may be decoded at a reduced size; false for a crop
  /// @throws Error(kData) for anything that is no picture or has more than max_pixels
  Image decode(std::span<const std::byte> bytes, const std::string& name, int64_t max_pixels, bool whole) const;
  /// What the network sees of a picture, or of a region of it in pixels. @throws Error(kData) for a box outside
  Image view(const Image& picture, const std::optional<Box>& region) const;
  /// @param views  from view(). @return a unit vector of D floats each
  std::vector<std::vector<float>> embed(std::span<const Image> views) const;

  /// Where two pictures agree: at each position of the last feature map the dot product with the mean activations of
  /// the other picture, from its least value as 0 to its greatest as 1.
  struct Overlap {
    int width = 0, height = 0;
    std::vector<float> first, second;  ///< height * width each
  };
  Overlap overlap(const Image& first_view, const Image& second_view) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The view with its map as a red veil, for people. @param map  width x height values in [0, 1]
Image veil(const Image& view, const std::vector<float>& map, int width, int height);

}  // namespace winnow
