#include <ATen/ATen.h>
#include <ATen/ops/linalg_eigh.h>

#include <array>

#include "data/dataset.h"
#include "data/picture_reader.h"
#include "src/core/csv.h"
#include "src/core/error.h"
#include "src/core/random.h"
#include "tools/experiments/vector_pictures.h"

namespace winnow::experiments {
namespace {

constexpr int64_t kClasses = 10, kTrainEach = 600, kTestEach = 200, kFilters = 160, kPatch = 6, kSide = 32;

/// The first `each` pictures of every true class, uint8 values as float [N, 3, 32, 32].
struct Pictures {
  at::Tensor pixels;
  std::vector<int64_t> truth;
  std::vector<std::string> human;  ///< column random1
};

std::string column(const Item& item, const std::string& name) {
  for (const auto& [key, value] : item.columns)
    if (key == name) return value;
  return "";
}

Pictures read_pictures(const fs::path& cifar, const std::string& split, int64_t each) {
  DataSource source;
  source.data = (cifar / "images.csv").string();
  source.archives = {(cifar / (split + ".tar")).string()};
  source.label = "clean";
  source.where = {"split=" + split};
  const Dataset all = read_dataset(source);
  PictureReader reader(all, {});
  Pictures out;
  std::array<int64_t, kClasses> taken{};
  std::vector<at::Tensor> pixels;
  for (size_t i = 0; i < all.items.size(); ++i) {
    const Item& item = all.items[i];
    const int64_t label = std::stoll(all.label_names[static_cast<size_t>(item.label)]);
    if (taken.at(static_cast<size_t>(label))++ >= each) continue;
    const auto image = reader.read(static_cast<int64_t>(i));
    if (image->width != kSide || image->height != kSide)
      throw Error(ErrorCode::kData, "[experiments] " + item.path + ": 32 x 32 pixels are required");
    pixels.push_back(at::from_blob(const_cast<uint8_t*>(image->pixels.data()), {kSide, kSide, 3}, at::kByte)
                         .permute({2, 0, 1})
                         .to(at::kFloat));
    out.truth.push_back(label);
    out.human.push_back(column(item, "random1"));
  }
  out.pixels = at::stack(pixels);
  return out;
}

/// Whitening and filters learned from random patches of the training pictures.
struct Patches {
  at::Tensor filters, bias;  ///< [K, 3, 6, 6] on raw pixels, [K]

  Patches(const at::Tensor& pixels, Random& random) {
    constexpr int64_t kSamples = 20000;
    auto samples = at::empty({kSamples, 3 * kPatch * kPatch}, at::kFloat);
    for (int64_t i = 0; i < kSamples; ++i) {
      const auto at = [&](int64_t n) { return static_cast<int64_t>(random.below(static_cast<uint64_t>(n))); };
      samples[i].copy_(pixels[at(pixels.size(0))]
                           .narrow(1, at(kSide - kPatch + 1), kPatch)
                           .narrow(2, at(kSide - kPatch + 1), kPatch)
                           .reshape(-1));
    }
    const auto mean = samples.mean(0, true);
    const auto centred = samples - mean;
    const auto [values, vectors] = at::linalg_eigh(centred.t().mm(centred) / double(kSamples));
    const auto whiten = vectors.mm(at::diag((values + 30).rsqrt())).mm(vectors.t());
    auto own = centred.narrow(0, 0, kFilters).mm(whiten);
    own = own / own.norm(2, 1, true).clamp_min(1e-6);
    const auto on_pixels = own.mm(whiten);
    filters = on_pixels.reshape({kFilters, 3, kPatch, kPatch}).contiguous();
    bias = -on_pixels.mm(mean.t()).squeeze(1);
  }

  /// [N, 4 K]: mean rectified response of each quadrant.
  at::Tensor features(const at::Tensor& pixels) const {
    std::vector<at::Tensor> out;
    for (const auto& part : pixels.split(500))
      out.push_back(
          at::adaptive_avg_pool2d(at::conv2d(part, filters, bias).relu(), {2, 2}).reshape({part.size(0), -1}));
    return at::cat(out);
  }
};

/// A share of all labels moved: to any other class, or along the usual CIFAR map for half of the classes.
std::vector<int64_t> noisy(const std::vector<int64_t>& truth, double share, bool along_map, uint64_t seed) {
  static constexpr std::array<int64_t, kClasses> kMap = {0, 1, 0, 5, 7, 3, 6, 7, 8, 1};  // truck, bird, deer, cat-dog
  Random random(seed, along_map ? "cifar.asym" : "cifar.sym");
  auto out = truth;
  for (size_t i = 0; i < out.size(); ++i) {
    const int64_t other = along_map ? kMap[static_cast<size_t>(truth[i])]
                                    : (truth[i] + 1 + static_cast<int64_t>(random.below(kClasses - 1))) % kClasses;
    if (random.chance(share)) out[i] = other;
  }
  return out;
}

}  // namespace

void make_cifar_patches(const fs::path& out, const fs::path& cifar, uint64_t seed) {
  const Pictures train = read_pictures(cifar, "train", kTrainEach), test = read_pictures(cifar, "test", kTestEach);
  Random random(seed, "cifar.patches");
  const Patches patches(train.pixels, random);
  const auto x = patches.features(train.pixels);
  const auto mean = x.mean(0, true), spread = x.std(0, true, true).clamp_min(1e-6);
  make_folder(out);
  const auto paths = write_vector_pictures((x - mean) / spread, 4.0, out, "train");
  const auto tests = write_vector_pictures((patches.features(test.pixels) - mean) / spread, 4.0, out, "test");
  const auto sym20 = noisy(train.truth, 0.2, false, seed), sym50 = noisy(train.truth, 0.5, false, seed + 1),
             asym40 = noisy(train.truth, 0.4, true, seed);
  std::string csv = csv_line({"path", "true_label", "sym20", "sym50", "asym40", "random1"});
  for (size_t i = 0; i < paths.size(); ++i)
    csv += csv_line({paths[i], std::to_string(train.truth[i]), std::to_string(sym20[i]), std::to_string(sym50[i]),
                     std::to_string(asym40[i]), train.human[i]});
  write_file_atomically(out / "train.csv", csv);
  csv = csv_line({"path", "label"});
  for (size_t i = 0; i < tests.size(); ++i) csv += csv_line({tests[i], std::to_string(test.truth[i])});
  write_file_atomically(out / "test.csv", csv);
}

}  // namespace winnow::experiments
