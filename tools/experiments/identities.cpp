#include <ATen/ATen.h>

#include "src/core/csv.h"
#include "src/core/random.h"
#include "tools/experiments/vector_pictures.h"

namespace winnow::experiments {
namespace {

constexpr int64_t kTrain = 300, kTrainEach = 20, kTest = 150, kTestEach = 10, kStrangers = 400;
constexpr int64_t kLatent = 24, kHidden = 256, kObserved = 128;

at::Tensor normal(std::initializer_list<int64_t> shape, Random& random, double scale = 1) {
  auto out = at::empty(shape, at::kFloat);
  float* at = out.data_ptr<float>();
  for (int64_t i = 0; i < out.numel(); ++i) at[i] = static_cast<float>(scale * random.normal());
  return out;
}

/// Pictures of identities: tanh([u + .5 n, .5 v] A) B + noise.
class World {
 public:
  explicit World(uint64_t seed)
      : random_(seed, "identities"),
        mix_(normal({2 * kLatent, kHidden}, random_, 1 / std::sqrt(2.0 * kLatent))),
        show_(normal({kHidden, kObserved}, random_, 1 / std::sqrt(double(kHidden)))) {}

  /// `each` pictures of `count` new identities, in order.
  at::Tensor pictures(int64_t count, int64_t each) {
    const auto u = normal({count, kLatent}, random_).repeat_interleave(each, 0);
    const auto own = u + 0.5 * normal({count * each, kLatent}, random_);
    const auto nuisance = 0.5 * normal({count * each, kLatent}, random_);
    return at::cat({own, nuisance}, 1).mm(mix_).tanh().mm(show_) + normal({count * each, kObserved}, random_, 0.02);
  }

 private:
  Random random_;
  at::Tensor mix_, show_;
};

/// The labels 0..299 with a share moved to another identity, each with equal chance.
std::vector<int64_t> flipped(double share, uint64_t seed, const std::vector<char>& fixed) {
  Random random(seed, "identities.flip");
  std::vector<int64_t> labels(kTrain * kTrainEach), order;
  for (size_t i = 0; i < labels.size(); ++i) {
    labels[i] = static_cast<int64_t>(i) / kTrainEach;
    if (!fixed[i]) order.push_back(static_cast<int64_t>(i));
  }
  random.shuffle(order);
  order.resize(static_cast<size_t>(std::llround(share * static_cast<double>(labels.size()))));
  for (const int64_t i : order) {
    auto& label = labels[static_cast<size_t>(i)];
    label = (label + 1 + static_cast<int64_t>(random.below(kTrain - 1))) % kTrain;
  }
  return labels;
}

struct TrainRows {
  std::vector<std::string> own, strangers;  ///< paths
  /// @param open, closed  shares; a stranger's picture takes the place of the first `open` of a random order
  void write(const fs::path& file, double closed, double open, uint64_t seed) const {
    std::vector<int64_t> order(own.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int64_t>(i);
    Random random(seed, "identities.open");
    random.shuffle(order);
    std::vector<char> replaced(own.size(), 0);
    const auto count = static_cast<size_t>(std::llround(open * static_cast<double>(own.size())));
    for (size_t i = 0; i < count; ++i) replaced[static_cast<size_t>(order[i])] = 1;
    const auto labels = flipped(closed, seed, replaced);
    std::string csv = csv_line({"path", "label", "true_label"});
    size_t stranger = 0;
    for (size_t i = 0; i < own.size(); ++i) {
      const std::string truth = replaced[i] ? "stranger" : "p" + std::to_string(i / kTrainEach);
      csv += csv_line({replaced[i] ? strangers[stranger++] : own[i], "p" + std::to_string(labels[i]), truth});
    }
    write_file_atomically(file, csv);
  }
};

}  // namespace

void make_identities(const fs::path& out, uint64_t seed) {
  World world(seed);
  make_folder(out);
  TrainRows rows;
  rows.own = write_vector_pictures(world.pictures(kTrain, kTrainEach), 2.0, out, "train");
  const auto test = write_vector_pictures(world.pictures(kTest, kTestEach), 2.0, out, "test");
  rows.strangers = write_vector_pictures(world.pictures(kStrangers, 6), 2.0, out, "stranger");
  rows.write(out / "clean.csv", 0, 0, seed);
  rows.write(out / "closed20.csv", 0.2, 0, seed);
  rows.write(out / "closed50.csv", 0.5, 0, seed);
  rows.write(out / "open40.csv", 0, 0.4, seed);
  rows.write(out / "mixed.csv", 0.3, 0.1, seed);
  std::string csv = csv_line({"path", "label"});
  for (size_t i = 0; i < test.size(); ++i)
    csv += csv_line({test[i], "t" + std::to_string(static_cast<int64_t>(i) / kTestEach)});
  write_file_atomically(out / "test.csv", csv);
}

}  // namespace winnow::experiments
