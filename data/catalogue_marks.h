#pragma once

#include <string>

#include "data/catalogue_canvas.h"
#include "src/core/random.h"

namespace winnow::catalogue {

enum class Pattern {
  kPlain,
  kStripesAcross,
  kStripesDown,
  kDiagonal,
  kDots,
  kChecks,
  kPlaid,
  kGradient,
  kZigzag,
  kWaves,
  kSpeckle,
  kGrain,
  kTriangles,
  kCount
};

/// What covers a surface. Coordinates are -1..1 across (s) and down (t).
struct Texture {
  Pattern pattern = Pattern::kPlain;
  double frequency = 4, phase = 0, duty = 0.5;
  Color first, second;
  uint64_t seed = 0;
  Color at(double s, double t) const;
};
Texture draw_texture(Color first, Color second, Random& random);

/// A sign inside the unit square: star, ring, heart, ..., or a mirrored grid of 5 x 5 cells from `seed`.
struct Logo {
  int kind = 0;
  uint64_t seed = 0;
  bool covers(double x, double y) const;
};
constexpr int kLogoKinds = 14;

/// A word in a 3 x 5 letter grid, filling the unit square. @param word  letters A..Z
bool letters_cover(const std::string& word, double x, double y);
/// A made-up brand name of 3 to 5 letters.
std::string draw_word(Random& random);

enum class LabelShape { kRectangle, kRounded, kOval, kBand, kDiamond, kNone, kCount };

/// A printed patch: paper, a logo, a word, lines of small print.
struct Label {
  LabelShape shape = LabelShape::kRectangle;
  double center_t = 0, half_width = 0.6, half_height = 0.4;
  Color paper, ink, accent;
  Logo logo;
  std::string word;
  bool logo_above = true;  ///< else logo left of the word
  int small_print = 0;     ///< lines under the word
  bool framed = false;
  /// Changes `color` where the label covers (s, t).
  void paint(double s, double t, Color& color) const;
};

}  // namespace winnow::catalogue
