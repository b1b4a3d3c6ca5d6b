#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "src/core/files.h"
#include "src/image/image.h"

namespace winnow {

/// How pixels become the numbers a network wants (face.md 3). `pixel = (value - mean) * scale` for every channel.
struct PixelRule {
  std::string name;  ///< as given on the command line
  bool rgb = true;   ///< false: blue first
  double mean = 0, scale = 1;
  std::string used_by;
};
/// raw (RGB 0..255, the graph scales), arcface, arcface128, adaface, magface, facexzoo, sphereface.
const std::vector<PixelRule>& pixel_rules();
/// @throws Error(kUsage) with the known names
const PixelRule& pixel_rule(const std::string& name);

/// A network in an ONNX file that turns a picture into a vector, run by OpenCV's dnn module on the CPU. Only the file's
/// weights are trusted: it executes no code of its own. Thread-safe; pictures are shared over thread_count() copies of
/// the network, so that the same pictures give the same bits for every thread count.
class OnnxNetwork {
 public:
  /// @param width, height  the size the network wants; a picture of that size is run to learn the dimension
  /// @throws Error(kNotFound), Error(kData) naming the file when OpenCV cannot read or run it
  OnnxNetwork(const fs::path& file, PixelRule pixels, int width = 112, int height = 112);
  ~OnnxNetwork();
  int width() const;
  int height() const;
  int64_t dim() const;
  const std::string& digest() const;  ///< SHA-256 of the file
  const PixelRule& pixels() const;

  /// Raw (not normalised) outputs, float32 [images, dim]. @throws Error(kShape) for a picture of another size,
  /// Error(kNumeric) for an output that is not finite
  std::vector<float> run(std::span<const Image> images) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace winnow
