#include "data/catalogue_marks.h"

#include <array>
#include <cmath>
#include <numbers>

namespace winnow::catalogue {
namespace {

using std::numbers::pi;

/// Position inside the period, 0..1.
double wrap(double x) { return x - std::floor(x); }

// Rows from top to bottom, three bits each.
constexpr std::array<uint16_t, 26> kLetters = {
    0b010101111101101, 0b110101110101110, 0b011100100100011, 0b110101101101110, 0b111100110100111, 0b111100110100100,
    0b011100101101011, 0b101101111101101, 0b111010010010111, 0b001001001101010, 0b101101110101101, 0b100100100100111,
    0b101111111101101, 0b110101101101101, 0b010101101101010, 0b110101110100100, 0b010101101111011, 0b110101110101101,
    0b011100010001110, 0b111010010010010, 0b101101101101111, 0b101101101101010, 0b101101111111101, 0b101101010101101,
    0b101101010010010, 0b111001010100111};

bool in_star(double x, double y, int points, double inner) {
  const double angle = std::atan2(x, -y) / (2 * pi) * points, radius = std::hypot(x, y);
  const double off = std::abs(wrap(angle + 0.5) - 0.5) * 2;  // 0 at a tip, 1 between two tips
  return radius < 1 - (1 - inner) * off;
}

bool in_heart(double x, double y) {
  const double a = x * 1.15, b = -y * 1.15 + 0.15, c = a * a + b * b - 0.75;
  return c * c * c - a * a * b * b * b < 0;
}

bool in_drop(double x, double y) {
  const double below = y - 0.3;
  return x * x + below * below < 0.45 || (y > -1 && y < 0.3 && std::abs(x) < (y + 1) * 0.48);
}

bool in_identicon(double x, double y, uint64_t seed) {
  const int column = std::min(4, static_cast<int>((x + 1) * 2.5)), row = std::min(4, static_cast<int>((y + 1) * 2.5));
  return cell_noise(std::min(column, 4 - column), row, seed) < 0.5;
}

bool in_unit_square(double x, double y) { return std::abs(x) <= 1 && std::abs(y) <= 1; }

Color plaid(const Texture& t, double u, double v) {
  const double across = wrap(u) < 0.35 ? 1 : 0, down = wrap(v) < 0.35 ? 1 : 0;
  const double thin = wrap(u + 0.3) < 0.08 || wrap(v + 0.3) < 0.08 ? 0.35 : 0;
  return mix(t.first, t.second, std::min(1.0, 0.5 * across + 0.5 * down + thin));
}

}  // namespace

Color Texture::at(double s, double t) const {
  const double u = s * frequency / 2 + phase, v = t * frequency / 2 + phase;
  const auto pick = [&](bool other) { return other ? second : first; };
  switch (pattern) {
    case Pattern::kStripesAcross: return pick(wrap(v) < duty);
    case Pattern::kStripesDown: return pick(wrap(u) < duty);
    case Pattern::kDiagonal: return pick(wrap(u + v) < duty);
    case Pattern::kDots: {
      const double x = wrap(u + (static_cast<int64_t>(std::floor(v)) % 2 ? 0.5 : 0)) - 0.5, y = wrap(v) - 0.5;
      return pick(x * x + y * y < 0.25 * duty);
    }
    case Pattern::kChecks: return pick((wrap(u / 2) < 0.5) != (wrap(v / 2) < 0.5));
    case Pattern::kPlaid: return plaid(*this, u, v);
    case Pattern::kGradient: return mix(first, second, std::clamp(t * 0.5 + 0.5, 0.0, 1.0));
    case Pattern::kZigzag: return pick(wrap(v + std::abs(wrap(u) - 0.5)) < duty);
    case Pattern::kWaves: return pick(wrap(v + 0.18 * std::sin(2 * pi * u)) < duty);
    case Pattern::kSpeckle: return pick(value_noise(u * 5, v * 5, seed) < 0.2 + 0.3 * duty);
    case Pattern::kGrain: return mix(first, second, value_noise(u * 6, v * 0.7, seed) * 0.8);
    case Pattern::kTriangles: return pick(std::abs(wrap(u) - 0.5) * 2 < wrap(v));
    default: return first;
  }
}

Texture draw_texture(Color first, Color second, Random& random) {
  Texture t;
  t.pattern = static_cast<Pattern>(random.below(static_cast<uint64_t>(Pattern::kCount)));
  t.frequency = random.uniform(3, 9);
  t.phase = random.uniform();
  t.duty = random.uniform(0.3, 0.6);
  t.first = first;
  t.second = second;
  t.seed = random.next();
  return t;
}

bool Logo::covers(double x, double y) const {
  if (!in_unit_square(x, y)) return false;
  const double radius = std::hypot(x, y);
  switch (kind) {
    case 0: return radius < 0.95;
    case 1: return radius < 0.98 && radius > 0.55;
    case 2: return in_star(x, y, 5, 0.42);
    case 3: return std::abs(x) < 0.3 || std::abs(y) < 0.3;
    case 4: return radius < 0.95 && std::hypot(x - 0.4, y) > 0.75;
    case 5: return in_heart(x, y);
    case 6: return in_drop(x, y);
    case 7: return std::abs(x) + std::abs(y) < 0.95 && std::abs(x) + std::abs(y) > 0.4;
    case 8: return y > -0.9 + 1.8 * std::abs(x);
    case 9: return in_star(x, y, 8, 0.55) && radius > 0.3;
    case 10: return std::abs(std::abs(x) - 0.55) < 0.3;
    case 11: return wrap(y * 1.5 + std::abs(x)) < 0.5;
    default: return in_identicon(x, y, seed);
  }
}

bool letters_cover(const std::string& word, double x, double y) {
  if (word.empty() || !in_unit_square(x, y)) return false;
  const int columns = static_cast<int>(word.size()) * 4 - 1;
  const int column = std::min(columns - 1, static_cast<int>((x + 1) / 2 * columns));
  const int row = std::min(4, static_cast<int>((y + 1) / 2 * 5));
  if (column % 4 == 3) return false;
  return kLetters[static_cast<size_t>(word[column / 4] - 'A')] >> (14 - row * 3 - column % 4) & 1;
}

std::string draw_word(Random& random) {
  static const std::string kConsonants = "BDFGHJKLMNPRSTVWXZ", kVowels = "AEIOUY";
  std::string word;
  const uint64_t length = 3 + random.below(3), start = random.below(2);
  for (uint64_t i = 0; i < length; ++i) {
    const std::string& from = (i + start) % 2 ? kVowels : kConsonants;
    word += from[random.below(from.size())];
  }
  return word;
}

void Label::paint(double s, double t, Color& color) const {
  const double x = s / half_width, y = (t - center_t) / half_height, ax = std::abs(x), ay = std::abs(y);
  const bool band = shape == LabelShape::kBand;
  if (ay > 1 || (ax > 1 && !band)) return;
  double edge = std::max(band ? 0 : ax, ay);  // 1 on the rim
  switch (shape) {
    case LabelShape::kRounded: edge = std::pow(std::pow(ax, 5) + std::pow(ay, 5), 0.2); break;
    case LabelShape::kOval: edge = std::hypot(x, y); break;
    case LabelShape::kDiamond: edge = (ax + ay) * 0.8; break;
    default: break;
  }
  if (edge > 1) return;
  if (shape != LabelShape::kNone) color = framed && edge > 0.86 ? accent : paper;
  const double aspect = half_width / half_height;
  const double logo_x = logo_above ? 0 : -0.52, logo_y = logo_above ? -0.4 : 0, logo_size = logo_above ? 0.46 : 0.6;
  if (logo.covers((x - logo_x) * aspect / logo_size, (y - logo_y) / logo_size)) {
    color = accent;
  } else if (letters_cover(word, (x - (logo_above ? 0 : 0.36)) / (logo_above ? 0.8 : 0.5),
                           (y - (logo_above ? 0.36 : -0.1)) / 0.26)) {
    color = ink;
  } else if (small_print > 0 && y > 0.68 && y < 0.88 && ax < 0.7) {
    if (wrap((y - 0.68) / 0.2 * small_print) < 0.5 && wrap(x * 9 + small_print) < 0.8) color = mix(ink, paper, 0.25);
  }
}

}  // namespace winnow::catalogue
