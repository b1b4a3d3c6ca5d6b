#include <cstdio>

#include "src/core/files.h"
#include "src/models/model.h"

namespace winnow {
namespace {

std::string exact(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.17g", value);
  return text;
}

std::string exact(const std::vector<double>& values) {
  std::string text;
  for (const double value : values) text += (text.empty() ? "" : ",") + exact(value);
  return text;
}

}  // namespace

void ModelOptions::visit(OptionVisitor& v) {
  v.choice("backbone", backbone, backbone_family().names(), "convolutional network (winnow list backbones)");
  v.choice(
      "stem", stem, {"standard", "small", "early"},
      "first layer: 7x7 stride 2 and max pooling | 3x3 stride 1 | 3x3 stride 2 (small_cnn: 3x3, stride 1 if small)");
  v.choice("pool", pool, {"avg", "max", "gem"}, "how features of all places become one vector");
  v.number("gem_p", gem_p, 0.1, 20.0, "exponent of gem pooling at the start; 1 is avg, large is max");
  v.boolean("gem_learn", gem_learn, "learn gem_p");
  v.choice("head", head, {"none", "linear", "linear_bn", "bn"},
           "after the pooling: nothing | linear | linear and batch norm | batch norm only");
  v.integer("dim", dim, 1, 65536, "size of the embedding (heads linear and linear_bn)");
  v.choice("init", init, {"he", "xavier"}, "random weights: He normal as torchvision | Glorot uniform");
  v.path("weights", weights, "safetensors file with torchvision key names to start from; empty: random");
  v.number("dropout", dropout, 0.0, 0.95, "share of pooled features set to 0 in training, before the linear head");
}

std::vector<std::string> ModelOptions::check() const {
  std::vector<std::string> faults;
  if (dropout > 0.0 && head != "linear" && head != "linear_bn")
    faults.push_back("dropout needs head linear or linear_bn, got head " + head);
  return faults;
}

std::string Preprocessing::digest() const {
  return sha256_hex("size=" + std::to_string(size) + "\ncrop_ratio=" + exact(crop_ratio) + "\nview=" + view +
                    "\nreduced_decode=" + (reduced_decode ? "true" : "false") + "\nmean=" + exact(mean) +
                    "\nstd=" + exact(std) + "\n");
}

}  // namespace winnow
