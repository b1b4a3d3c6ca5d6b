#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "src/core/files.h"
#include "src/evaluation/face/features.h"
#include "src/image/align.h"
#include "src/image/image.h"

namespace winnow {

/// A network that turns a face picture into a vector: a model folder of ours, or an ONNX file.
class FaceModel {
 public:
  virtual ~FaceModel() = default;
  /// @return float32 [images, dim]. ONNX: raw outputs; model folder: unit vectors
  virtual std::vector<float> run(const std::vector<Image>& images) = 0;
  virtual int64_t dim() const = 0;
  virtual std::string digest() const = 0;
  /// One line: network, picture size, pixel rule.
  virtual std::string description() const = 0;
  virtual int width() const = 0;
  virtual int height() const = 0;
};

struct FaceModelOptions {
  std::string model;           ///< model folder or FILE.onnx
  std::string pixels = "raw";  ///< of an ONNX file, see pixel_rules()
  int size = 112;              ///< picture side of an ONNX file
};
std::unique_ptr<FaceModel> open_face_model(const FaceModelOptions& options);

/// What came out besides the vectors.
struct FaceEmbedding {
  FaceFeatures features;
  std::vector<std::string> failed;  ///< "NAME: reason"; their vectors are zero
  AlignmentSigns signs;
  double seconds = 0;
};

/// Pictures in a fixed order, read when they are wanted.
struct FacePictures {
  std::vector<std::string> names;
  std::function<Image(int64_t)> read;  ///< thread-safe. @throws Error(kNotFound | kData)
};

/// Embeds both views (the mirrored one unless `mirrored` is false). A picture that cannot be read gives a zero vector.
/// @throws Error(kData) when more than max_bad of the pictures cannot be read, naming the first
FaceEmbedding embed_faces(FaceModel& model, const FacePictures& pictures, const std::string& fit, bool mirrored,
                          double max_bad);

}  // namespace winnow
