#include "data/catalogue_design.h"

#include <cstdio>

#include "src/core/text.h"

namespace winnow::catalogue {
namespace {

/// What a brand line shares.
struct Line {
  int kind;
  double hue, saturation, value, gap;
  bool pale_label;
  double gloss;
  bool metal;
};

Line draw_line(Random& random) {
  Line line;
  line.kind = static_cast<int>(random.below(silhouette_kinds()));
  line.hue = random.uniform();
  const bool muted = random.chance(0.3);
  line.saturation = muted ? random.uniform(0.05, 0.3) : random.uniform(0.45, 0.9);
  line.value = random.uniform(0.35, 0.95);
  line.gap = random.uniform(0.15, 0.6);
  line.pale_label = random.chance(0.7);
  line.gloss = random.uniform(0.05, 0.8);
  line.metal = random.chance(0.2);
  return line;
}

bool is_fabric(const std::string& name) {
  return name == "shirt" || name == "backpack" || name == "bag" || name == "hat" || name == "shoe";
}

/// Where the label sits; some silhouettes leave little room.
void place_label(const std::string& name, Label& label, Random& random) {
  label.center_t = random.uniform(-0.05, 0.35);
  label.half_width = random.uniform(0.5, 0.75);
  label.half_height = random.uniform(0.26, 0.42);
  if (name == "shoe" || name == "boot") {
    label.center_t = name == "shoe" ? 0.12 : -0.2;
    label.half_width = 0.34;
    label.half_height = 0.22;
  } else if (name == "backpack") {
    label.center_t = -0.3;
  } else if (name == "hat") {
    label.center_t = -0.12;
    label.half_height = 0.22;
  } else if (name == "lamp") {
    label.center_t = -0.35;
    label.half_height = 0.3;
  } else if (name == "clock" || name == "ball") {
    label.center_t = 0;
  }
}

Label draw_label(const Line& line, const std::string& name, Random& random) {
  Label label;
  label.shape = static_cast<LabelShape>(random.below(static_cast<uint64_t>(LabelShape::kCount)));
  place_label(name, label, random);
  const double hue = line.hue + line.gap;
  const bool on_body = label.shape == LabelShape::kNone;
  const bool pale = on_body ? line.value < 0.6 : line.pale_label;
  label.paper = pale ? hsv(hue, 0.08, 0.96) : hsv(hue, 0.5, 0.22);
  const bool dark_print = on_body ? !pale : pale;
  label.ink = dark_print ? hsv(hue + 0.1, 0.6, 0.15) : hsv(hue + 0.1, 0.1, 0.97);
  label.accent = hsv(random.uniform(), 0.85, dark_print ? 0.6 : 0.95);
  label.logo = {static_cast<int>(random.below(kLogoKinds)), random.next()};
  label.word = draw_word(random);
  label.logo_above = random.chance(0.7);
  label.small_print = static_cast<int>(random.below(4));
  label.framed = random.chance(0.4);
  return label;
}

}  // namespace

Design design_product(uint64_t seed, int64_t class_id) {
  Random shared(seed, "catalogue-line", static_cast<uint64_t>(class_id / kLineSize));
  Random own(seed, "catalogue-class", static_cast<uint64_t>(class_id));
  const Line line = draw_line(shared);
  Design d;
  d.silhouette = draw_silhouette(line.kind, shared);
  d.body = hsv(line.hue, line.saturation, line.value);
  d.second = hsv(line.hue + line.gap, line.saturation * 0.7, line.value > 0.6 ? line.value * 0.55 : line.value + 0.35);
  d.accent = hsv(line.hue + 0.5, shared.uniform(0.1, 0.8), shared.uniform(0.15, 0.95));
  d.gloss = line.gloss;
  d.metal = line.metal;
  d.fabric = is_fabric(d.silhouette.name);
  // Half of a line's members keep the plain body, so that only the print tells them apart.
  d.texture = draw_texture(d.body, mix(d.body, d.second, own.uniform(0.35, 1.0)), own);
  if (own.chance(0.35)) d.texture.pattern = Pattern::kPlain;
  d.label = draw_label(line, d.silhouette.name, own);
  char number[24];
  std::snprintf(number, sizeof number, "-%03lld", static_cast<long long>(class_id));
  d.name = d.silhouette.name + "-" + lower(d.label.word) + number;
  return d;
}

}  // namespace winnow::catalogue
