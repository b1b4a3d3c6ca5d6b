#include <gtest/gtest.h>

#include <fstream>

#include "losses/dividemix.h"
#include "tests/unit/src/training/training_support.h"

namespace winnow {
namespace {

using test::TinyData;

/// Four classes of 40 pictures; 40 % of each carry another class's label.
fs::path noisy_manifest(const fs::path& folder) {
  test::make_tiny_pictures(folder, 4, 40, 11);
  std::ofstream out(folder / "noisy.csv");
  out << "path,label,true_label\n";
  for (int label = 0; label < 4; ++label)
    for (int i = 0; i < 40; ++i) {
      const int given = i % 5 < 2 ? (label + 1 + i % 3) % 4 : label;
      out << "class" << label << "/" << 100 + i << ".png,class" << given << ",class" << label << "\n";
    }
  return folder / "noisy.csv";
}

TEST(DivideMixTraining, BeatsPlainCrossEntropyUnderFortyPercentWrongLabels) {
  const test::TempDir dir;
  auto c = test::tiny_config(noisy_manifest(dir / "pictures"), TinyData::get().val);
  c.losses = {test::choose("cross_entropy", loss_family())};
  c.training.epochs = 30;
  c.training.validate = c.training.select = "accuracy";
  c.training.validate_every = 30;
  const auto plain = test::train_into(c, dir / "plain");
  c.peers = test::choose("dividemix", peer_family());
  dynamic_cast<DivideMixOptions&>(*c.peers.options).warmup = 0.2;
  const auto robust = test::train_into(c, dir / "dividemix");
  EXPECT_LT(plain.last.at("accuracy"), 0.9);
  EXPECT_GT(robust.last.at("accuracy"), plain.last.at("accuracy") + 0.1);
  const auto& log = robust.epochs.back().log;
  EXPECT_LT(log.at("memorised"), plain.epochs.back().log.at("memorised") - 0.2);
  EXPECT_NEAR(log.at("rate_estimate"), 0.4, 0.15);
  EXPECT_GT(log.at("wrong_fixed"), 0.6);
  for (const auto& [name, run] : {std::pair{"plain", plain}, std::pair{"dividemix", robust}}) {
    RecordProperty(std::string(name) + "_accuracy", std::to_string(run.last.at("accuracy")));
    RecordProperty(std::string(name) + "_memorised", std::to_string(run.epochs.back().log.at("memorised")));
  }
}

}  // namespace
}  // namespace winnow
