#include "src/models/golden.h"

#include <ATen/ops/empty.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "src/core/error.h"
#include "src/core/random.h"

namespace winnow {
namespace {

constexpr int kGoldenPictures = 16, kGoldenSide = 64, kShapes = 5;
constexpr uint64_t kGoldenSeed = 16;

using Colour = std::array<double, 3>;

Colour draw_colour(Random& random) { return {random.uniform(0, 255), random.uniform(0, 255), random.uniform(0, 255)}; }

/// A disc or a box with its colour, in units of the picture's side.
struct Shape {
  bool disc;
  double x, y, half_width, half_height;
  Colour colour;

  explicit Shape(Random& random)
      : disc(random.chance(0.5)),
        x(random.uniform()),
        y(random.uniform()),
        half_width(random.uniform(0.05, 0.3)),
        half_height(random.uniform(0.05, 0.3)),
        colour(draw_colour(random)) {}
  bool covers(double px, double py) const {
    const double dx = std::abs(px - x) / half_width, dy = std::abs(py - y) / half_height;
    return disc ? dx * dx + dy * dy < 1.0 : dx < 1.0 && dy < 1.0;
  }
};

Image draw_picture(int side, uint64_t index) {
  Random random(kGoldenSeed, "golden", index);
  const Colour dark = draw_colour(random), light = draw_colour(random);
  const double fx = random.uniform(-20, 20), fy = random.uniform(-20, 20), noise = random.uniform(0, 12);
  std::vector<Shape> shapes;
  for (int i = 0; i < kShapes; ++i) shapes.emplace_back(random);
  Image image(side, side);
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) {
      const double px = (x + 0.5) / side, py = (y + 0.5) / side, mix = 0.5 + 0.5 * std::sin(fx * px + fy * py);
      Colour colour;
      for (size_t c = 0; c < 3; ++c) colour[c] = dark[c] + mix * (light[c] - dark[c]);
      for (const auto& shape : shapes)
        if (shape.covers(px, py)) colour = shape.colour;
      for (size_t c = 0; c < 3; ++c)
        image.at(x, y)[c] = static_cast<uint8_t>(std::clamp(colour[c] + random.uniform(-noise, noise), 0.0, 255.0));
    }
  return image;
}

/// 1 - cosine; two zero vectors are equal.
double cosine_distance(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return 2.0;
  double ab = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    ab += double{a[i]} * b[i];
    aa += double{a[i]} * a[i];
    bb += double{b[i]} * b[i];
  }
  if (aa == 0.0 && bb == 0.0) return 0.0;
  const double distance = 1.0 - ab / std::sqrt(aa * bb);
  return std::isfinite(distance) ? std::clamp(distance, 0.0, 2.0) : 2.0;
}

class EvaluationMode {
 public:
  explicit EvaluationMode(EmbeddingModel& model) : model_(model), was_training_(model.is_training()) {
    model_.train(false);
  }
  ~EvaluationMode() {
    if (was_training_) model_.train(true);
  }
  EvaluationMode(const EvaluationMode&) = delete;
  EvaluationMode& operator=(const EvaluationMode&) = delete;

 private:
  EmbeddingModel& model_;
  bool was_training_;
};

}  // namespace

std::vector<Image> golden_pictures(int size) {
  std::vector<Image> pictures;
  for (int i = 0; i < kGoldenPictures; ++i)
    pictures.push_back(draw_picture(std::min(size, kGoldenSide), static_cast<uint64_t>(i)));
  return pictures;
}

std::vector<std::vector<float>> embed_golden(EmbeddingModel& model, const std::vector<Image>& pictures) {
  const EvaluationMode evaluation(model);
  const c10::NoGradGuard no_grad;
  const auto& first = pictures.front();
  auto batch =
      at::empty({static_cast<int64_t>(pictures.size()), first.height, first.width, 3}, at::TensorOptions(at::kByte));
  uint8_t* to = batch.mutable_data_ptr<uint8_t>();
  for (const auto& picture : pictures) {
    if (picture.pixels.size() != first.pixels.size())
      throw Error(ErrorCode::kData, "[golden] pictures must have one size");
    to = std::copy(picture.pixels.begin(), picture.pixels.end(), to);
  }
  const auto rows = model.forward(batch).cpu().contiguous();
  const float* values = rows.const_data_ptr<float>();
  std::vector<std::vector<float>> vectors;
  for (int64_t i = 0; i < rows.size(0); ++i)
    vectors.emplace_back(values + i * rows.size(1), values + (i + 1) * rows.size(1));
  return vectors;
}

double golden_distance(EmbeddingModel& model, const std::vector<GoldenPair>& golden) {
  std::vector<Image> pictures;
  for (const auto& pair : golden) pictures.push_back(pair.picture);
  const auto vectors = embed_golden(model, pictures);
  double largest = 0.0;
  for (size_t i = 0; i < golden.size(); ++i) largest = std::max(largest, cosine_distance(vectors[i], golden[i].vector));
  return largest;
}

}  // namespace winnow
