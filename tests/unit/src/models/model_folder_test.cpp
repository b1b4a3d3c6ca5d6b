#include <c10/core/GradMode.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "src/core/json.h"
#include "src/models/golden.h"
#include "src/models/safetensors.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/src/models/model_support.h"

namespace winnow {
namespace {

using nlohmann::json;
using test::code_of;
using test::sample_pictures;

class ModelFolder : public ::testing::Test {
 protected:
  ModelFolder() {
    options_.backbone = "small_cnn";
    options_.stem = "early";
    options_.pool = "gem";
    options_.gem_p = 2.5;
    options_.head = "linear_bn";
    options_.dim = 24;
    options_.init = "xavier";
    options_.dropout = 0.1;
    preprocessing_.size = 32;
    preprocessing_.view = "pad";
    preprocessing_.crop_ratio = 0.9;
    preprocessing_.reduced_decode = false;
    preprocessing_.std = {0.2, 0.21, 0.22};
    model_ = make_model(options_, preprocessing_, 4);
    // A step of training, so that running statistics are not those of a new model.
    model_->forward(sample_pictures(6, 32));
  }
  void save() {
    ModelCard card;
    card.name = "shoes";
    card.licence = "CC-BY-4.0";
    card.training_data = "catalogue of 2026";
    card.config_yaml = "name: shoes\n";
    card.metrics = {{"val.recall@1", 0.41}, {"val.map@r", std::nan("")}};
    save_model(folder_, *model_, options_, card);
  }
  json card() { return read_json(folder_ / "card.json"); }
  /// Message of load_model, which must fail with `code`.
  std::string failure(ErrorCode code) {
    std::string message;
    EXPECT_EQ(code_of([&] { load_model(folder_); }, &message), code) << message;
    return message;
  }
  std::string failure_with_card(const json& card, ErrorCode code = ErrorCode::kData) {
    write_json_atomically(folder_ / "card.json", card);
    return failure(code);
  }

  test::TempDir temp_;
  fs::path folder_ = temp_ / "run one/model \xc3\xa9";
  ModelOptions options_;
  Preprocessing preprocessing_;
  std::unique_ptr<EmbeddingModel> model_;
};

TEST_F(ModelFolder, LoadsWhatWasSaved) {
  save();
  EXPECT_TRUE(model_->is_training());  // saving leaves the mode alone
  model_->train(false);
  auto loaded = load_model(folder_);
  EXPECT_FALSE(loaded.model->is_training());
  EXPECT_EQ(test::distance(loaded.model->forward(sample_pictures(2, 32)), model_->forward(sample_pictures(2, 32))),
            0.0);
  EXPECT_EQ(loaded.options.stem, "early");
  EXPECT_EQ(loaded.options.gem_p, 2.5);
  EXPECT_EQ(loaded.options.dim, 24);
  EXPECT_EQ(loaded.options.dropout, 0.1);
  EXPECT_EQ(loaded.model->preprocessing().digest(), preprocessing_.digest());
  EXPECT_EQ(loaded.model->preprocessing().view, "pad");
  EXPECT_EQ(loaded.card.name, "shoes");
  EXPECT_EQ(loaded.card.dim, 24);
  EXPECT_EQ(loaded.card.winnow_version, WINNOW_VERSION);
  EXPECT_EQ(loaded.card.created.size(), 20U) << loaded.card.created;
  EXPECT_EQ(loaded.card.weights_digest, sha256_file(folder_ / "model.safetensors"));
  EXPECT_EQ(loaded.card.preprocessing_digest, preprocessing_.digest());
  ASSERT_EQ(loaded.card.metrics.size(), 2U);
  EXPECT_EQ(loaded.card.metrics[0], (std::pair<std::string, double>{"val.recall@1", 0.41}));
  EXPECT_TRUE(std::isnan(loaded.card.metrics[1].second));
  for (const auto& [name, tensor] : loaded.model->parameters()) EXPECT_TRUE(tensor.requires_grad()) << name;
}

TEST_F(ModelFolder, SavingAgainReplacesAndTheSameModelHasTheSameDigest) {
  save();
  const std::string first = read_model_card(folder_).weights_digest;
  save();
  EXPECT_EQ(read_model_card(folder_).weights_digest, first);
  model_ = make_model(options_, preprocessing_, 5);
  save();
  EXPECT_NE(read_model_card(folder_).weights_digest, first);
  load_model(folder_);
  for (const auto& entry : fs::directory_iterator(folder_))
    EXPECT_TRUE(entry.path().filename() == "card.json" || entry.path().filename() == "model.safetensors") << entry;
}

TEST_F(ModelFolder, AFusedNetworkIsRefused) {
  auto fused = model_->fused();
  EXPECT_EQ(code_of([&] { save_model(folder_, *fused, options_, {}); }), ErrorCode::kInternal);
}

TEST_F(ModelFolder, ANetworkThatDivergedIsNotSaved) {
  {
    const c10::NoGradGuard no_grad;
    model_->parameters().back().second.fill_(std::nan(""));
  }
  EXPECT_EQ(code_of([&] { save(); }), ErrorCode::kNumeric);
  EXPECT_FALSE(fs::exists(folder_ / "model.safetensors"));
}

TEST_F(ModelFolder, AFlippedByteInTheWeightsIsBadData) {
  save();
  std::string bytes = read_file(folder_ / "model.safetensors");
  bytes[bytes.size() / 2] ^= 1;
  write_file_atomically(folder_ / "model.safetensors", bytes);
  EXPECT_NE(failure(ErrorCode::kData).find("SHA-256"), std::string::npos);
  EXPECT_EQ(code_of([&] { load_model(folder_, false); }), ErrorCode::kData);
}

TEST_F(ModelFolder, WrongGoldenVectorsAreAMismatch) {
  save();
  json changed = card();
  for (auto& value : changed["golden"][7]["vector"]) value = value.get<double>() + 0.3;
  const std::string message = failure_with_card(changed, ErrorCode::kMismatch);
  EXPECT_NE(message.find("golden"), std::string::npos) << message;
  auto loaded = load_model(folder_, false);
  EXPECT_GT(golden_error(folder_, *loaded.model), 1e-3);
}

TEST_F(ModelFolder, GoldenErrorIsNearZeroForTheModelAndLargeForAnother) {
  save();
  EXPECT_LT(golden_error(folder_, *model_), 1e-6);
  EXPECT_LT(golden_error(folder_, *model_->fused()), 1e-5);
  auto other = make_model(options_, preprocessing_, 77);
  EXPECT_GT(golden_error(folder_, *other), 1e-2);
}

TEST_F(ModelFolder, MissingPartsAreNamed) {
  EXPECT_NE(failure(ErrorCode::kNotFound).find("card.json"), std::string::npos);
  save();
  fs::remove(folder_ / "model.safetensors");
  EXPECT_NE(failure(ErrorCode::kNotFound).find("model.safetensors"), std::string::npos);
}

TEST_F(ModelFolder, BadCardsNameTheField) {
  save();
  const json good = card();
  const auto with = [&](const std::string& pointer, const json& value) {
    json changed = good;
    changed[json::json_pointer(pointer)] = value;
    return failure_with_card(changed);
  };
  EXPECT_NE(with("/format", "other").find("format"), std::string::npos);
  EXPECT_NE(with("/version", 2).find("newer"), std::string::npos);
  EXPECT_NE(with("/dim", "24").find("dim"), std::string::npos);
  EXPECT_NE(with("/dim", 25).find("vector must have 25"), std::string::npos);
  EXPECT_NE(with("/architecture/stem", "smal").find("did you mean 'small'"), std::string::npos);
  EXPECT_NE(with("/architecture/dim", -1).find("dim must be"), std::string::npos);
  EXPECT_NE(with("/architecture/gem_learn", 1).find("gem_learn"), std::string::npos);
  EXPECT_NE(with("/preprocessing/size", 64).find("digest"), std::string::npos);
  EXPECT_NE(with("/preprocessing/size", 0).find("size must be"), std::string::npos);
  EXPECT_NE(with("/preprocessing/std", json::array({1, 2})).find("3 values"), std::string::npos);
  EXPECT_NE(with("/golden/3/png", "iVBOR!==").find("golden[3]"), std::string::npos);
  EXPECT_NE(with("/golden/3/png", "AAAA").find("golden[3]"), std::string::npos);
  EXPECT_NE(with("/golden/3/vector", json::array({1, "x"})).find("golden[3]"), std::string::npos);
  EXPECT_NE(with("/golden", json::array()).find("1 to 64"), std::string::npos);
  EXPECT_NE(with("/weights/sha256", 1).find("sha256"), std::string::npos);
  EXPECT_NE(with("/architecture/backbone", "resnet18").find("does not fit"), std::string::npos);
  for (const auto& [key, value] : good.items()) {
    json changed = good;
    changed.erase(key);
    EXPECT_NE(failure_with_card(changed).find("'" + key + "' is missing"), std::string::npos) << key;
  }
  write_file_atomically(folder_ / "card.json", "{\"format\": ");
  failure(ErrorCode::kData);
}

TEST_F(ModelFolder, CardDoesNotTellWhereTheFirstWeightsLay) {
  options_.weights = "/home/someone/resnet.safetensors";
  save();
  EXPECT_EQ(card()["architecture"]["initial_weights"], "resnet.safetensors");
  EXPECT_EQ(load_model(folder_).options.weights, "");
}

TEST(PreprocessingDigest, ChangesWithEveryField) {
  const std::string base = Preprocessing().digest();
  EXPECT_EQ(base.size(), 64U);
  const auto changed = [](auto&& change) {
    Preprocessing p;
    change(p);
    return p.digest();
  };
  EXPECT_EQ(changed([](auto&) {}), base);
  EXPECT_NE(changed([](auto& p) { p.size = 223; }), base);
  EXPECT_NE(changed([](auto& p) { p.crop_ratio = std::nextafter(0.875, 1.0); }), base);
  EXPECT_NE(changed([](auto& p) { p.view = "pad"; }), base);
  EXPECT_NE(changed([](auto& p) { p.reduced_decode = false; }), base);
  EXPECT_NE(changed([](auto& p) { p.mean[2] = 0.4; }), base);
  EXPECT_NE(changed([](auto& p) { p.std[0] = 0.5; }), base);
}

TEST(GoldenPictures, AreSixteenDifferentOnesWithStructure) {
  const auto pictures = golden_pictures(224);
  ASSERT_EQ(pictures.size(), 16U);
  // The bytes decide the stored vectors; this digest changes only with a new card version.
  Sha256 digest;
  for (size_t i = 0; i < pictures.size(); ++i) {
    EXPECT_EQ(pictures[i].width, 64);
    for (size_t j = 0; j < i; ++j) EXPECT_NE(pictures[i].pixels, pictures[j].pixels);
    digest.update(pictures[i].pixels.data(), pictures[i].pixels.size());
  }
  EXPECT_EQ(golden_pictures(40)[0].height, 40);
  EXPECT_EQ(digest.hex().size(), 64U);
}

}  // namespace
}  // namespace winnow
