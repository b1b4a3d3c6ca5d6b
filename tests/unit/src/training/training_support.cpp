#include "tests/unit/src/training/training_support.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "src/core/log.h"
#include "src/core/random.h"
#include "src/image/codec.h"

namespace winnow::test {
namespace {

constexpr int kSide = 24;

/// Keeps status lines out of the test log.
class Quiet : public ::testing::Environment {
  void SetUp() override { init_logging(LogLevel::kQuiet, false); }
};
[[maybe_unused]] const auto* const kQuiet = ::testing::AddGlobalTestEnvironment(new Quiet);

constexpr double kColours[6][3] = {{200, 60, 60},  {60, 190, 70},  {70, 80, 210},
                                   {200, 190, 60}, {180, 70, 190}, {60, 190, 190}};

Image draw(int label, Random& random) {
  Image image(kSide, kSide);
  const double phase = random.uniform(0, 6.28), light = random.uniform(0.7, 1.2);
  const double dx = label % 2 ? 0.9 : 0.15, dy = label % 2 ? 0.15 : 0.9;
  for (int y = 0; y < kSide; ++y)
    for (int x = 0; x < kSide; ++x)
      for (int c = 0; c < 3; ++c) {
        const double stripe = 0.75 + 0.25 * std::sin(dx * x + dy * y + phase);
        const double value = kColours[label % 6][c] * stripe * light + random.uniform(-25, 25);
        image.at(x, y)[c] = static_cast<uint8_t>(std::clamp(value, 0.0, 255.0));
      }
  return image;
}

}  // namespace

void make_tiny_pictures(const fs::path& folder, int classes, int per_class, uint64_t seed) {
  for (int label = 0; label < classes; ++label) {
    const fs::path home = folder / ("class" + std::to_string(label));
    fs::create_directories(home);
    for (int i = 0; i < per_class; ++i) {
      Random random(seed, "tiny", static_cast<uint64_t>(label * 1000 + i));
      const auto png = encode_png(draw(label, random));
      std::ofstream(home / (std::to_string(100 + i) + ".png"), std::ios::binary)
          .write(reinterpret_cast<const char*>(png.data()), static_cast<std::streamsize>(png.size()));
    }
  }
}

ExperimentConfig tiny_config(const fs::path& train, const fs::path& val) {
  ExperimentConfig config;
  config.name = "tiny";
  config.data.train = train;
  config.data.val = val;
  config.data.size = kSide;
  config.data.crop_ratio = 1.0;
  config.augment.scale_min = 0.8;
  config.augment.brightness = config.augment.contrast = config.augment.saturation = 0.1;
  config.model.backbone = "small_cnn";
  config.model.dim = 16;
  config.training.epochs = 2;
  config.training.batch = 16;
  config.training.learning_rate = 3e-3;
  config.training.precision = "fp32";
  config.training.device = "cpu";
  return config;
}

Choice choose(const std::string& name, const Family& family) { return {name, family.make_options(name), 1.0}; }

TrainResult train_into(ExperimentConfig& config, const fs::path& run, bool resume) {
  TrainRequest request;
  request.config = &config;
  request.run = run;
  request.resume = resume;
  request.command = {"winnow", "train", "tiny.yaml", "--out", run.string()};
  return train(request);
}

std::vector<nlohmann::json> read_lines(const fs::path& jsonl) {
  std::vector<nlohmann::json> out;
  std::ifstream file(jsonl);
  for (std::string line; std::getline(file, line);) out.push_back(nlohmann::json::parse(line));
  return out;
}

std::vector<nlohmann::json> timeless_epochs(const fs::path& run) {
  std::vector<nlohmann::json> out;
  for (auto record : read_lines(run / "metrics.jsonl")) {
    if (record.at("type") != "epoch") continue;
    for (const char* key : {"seconds", "images_per_second", "wait_share"}) record.erase(key);
    out.push_back(record);
  }
  return out;
}

const TinyData& TinyData::get() {
  static const TinyData data;
  return data;
}

TinyData::TinyData() : train(folder_ / "train"), val(folder_ / "val") {
  make_tiny_pictures(train, 4, 16, 1);
  make_tiny_pictures(val, 4, 6, 2);
}

}  // namespace winnow::test
