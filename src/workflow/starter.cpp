#include "src/workflow/starter.h"

#include <algorithm>

#include "src/core/error.h"
#include "src/core/text.h"
#include "src/image/codec.h"

namespace winnow {
namespace {

// Median short side of up to 32 pictures spread over the collection.
int typical_short_side(const Dataset& dataset) {
  std::vector<int> sides;
  const size_t step = std::max<size_t>(1, dataset.items.size() / 32);
  for (size_t i = 0; i < dataset.items.size(); i += step) {
    try {
      const ImageHeader header = read_image_header(dataset.store->read(dataset.items[i].path));
      sides.push_back(std::min(header.width, header.height));
    } catch (const Error&) {
      continue;  // `data check` names unreadable pictures; a guess of the size does not need them
    }
  }
  if (sides.empty())
    throw Error(ErrorCode::kData,
                "[init] none of the first pictures can be read; run winnow data check " + dataset.name);
  std::nth_element(sides.begin(), sides.begin() + static_cast<std::ptrdiff_t>(sides.size() / 2), sides.end());
  return sides[sides.size() / 2];
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) out += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return out + "\"";
}

std::string list(const std::vector<std::string>& values) {
  std::vector<std::string> parts;
  for (const auto& v : values) parts.push_back(quoted(v));
  return "[" + join(parts, ", ") + "]";
}

std::string data_section(const DataSource& source, int size, bool hold_out) {
  std::string yaml = "data:\n  train: " + quoted(absolute_path(source.data)) + "\n";
  if (!source.archives.empty()) {
    std::vector<std::string> archives;
    for (const auto& archive : source.archives) archives.push_back(absolute_path(archive));
    yaml += "  archive: " + list(archives) + "\n";
  }
  if (!source.root.empty()) yaml += "  root: " + quoted(absolute_path(source.root)) + "\n";
  if (!source.label.empty()) yaml += "  label: " + quoted(source.label) + "\n";
  if (!source.where.empty()) yaml += "  where: " + list(source.where) + "\n";
  yaml += "  size: " + std::to_string(size) + "\n";
  if (hold_out)
    yaml += "  val_classes: 0.1   # these classes are never trained on and show how well new products are found\n";
  return yaml;
}

}  // namespace

StarterRecipe starter_recipe(const DataSource& source) {
  const Dataset dataset = read_dataset(source);
  StarterRecipe recipe;
  recipe.pictures = static_cast<int64_t>(dataset.items.size());
  recipe.classes = dataset.classes();
  if (recipe.classes < 2)
    throw Error(ErrorCode::kData, "[init] pictures of at least two classes are required, " + source.data + " has " +
                                      std::to_string(recipe.classes));
  const int side = typical_short_side(dataset);
  const int size = side < 48 ? 32 : side < 112 ? 64 : side < 200 ? 96 : 128;
  const bool hold_out = recipe.classes >= 20;
  const int64_t batch = std::clamp<int64_t>(recipe.pictures / 8, 2, 64);
  const int64_t epochs = std::clamp<int64_t>(40000 / std::max<int64_t>(1, recipe.pictures), 10, 60);
  recipe.reasons = {
      "pictures are " + std::to_string(side) + " pixels on the short side (median): training at " +
          std::to_string(size) + "x" + std::to_string(size),
      hold_out ? "10 % of the " + std::to_string(recipe.classes) +
                     " classes are held out to measure the search on unseen classes"
               : "too few classes to hold some out: no validation during training",
      std::to_string(epochs) + " epochs, so that about " + std::to_string(epochs * recipe.pictures) +
          " pictures are shown",
      "targets: given believes every label; if many are wrong, try the seccnn settings in the recipe's comment"};
  recipe.yaml = "# Written by winnow init; every other setting has a default: winnow config show THIS_FILE\n" +
                data_section(source, size, hold_out) +
                "model:\n  backbone: resnet18\n  stem: " + (size <= 64 ? "early" : "standard") +
                "\n  dim: 128\nloss: normalized_softmax\ntargets: given\n# For wrong labels: targets: {name: seccnn, "
                "warmup: 0.4, half_life: 0.3, "
                "prediction: ema, balance: 0}\ntraining:\n  epochs: " +
                std::to_string(epochs) + "\n  batch: " + std::to_string(batch) + "\n";
  return recipe;
}

}  // namespace winnow
