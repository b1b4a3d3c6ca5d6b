// Faces from pictures and a trained model: InsightFace .bin, IJB crops, thresholds in the model card, the report.
#include "tests/integration/eval_fixture.h"

namespace winnow::test {
namespace {

using ::testing::HasSubstr;

/// One trained model for all tests.
class FaceCli : public EvalCli {
 protected:
  static void SetUpTestSuite() {
    shared_ = new TempDir;
    make_photos(*shared_ / "faces", kPeople, kShots);
    train("model run", "training.seed=1");
  }
  static void TearDownTestSuite() {
    delete shared_;
    shared_ = nullptr;
  }
  static void train(const std::string& name, const std::string& more) {
    const Outcome o =
        winnow("train data.train=" + quote((*shared_ / "faces").string()) +
                   " data.size=32 model.backbone=small_cnn model.dim=16 training.epochs=2 training.batch=8 "
                   "training.precision=fp32 training.validate_every=0 " +
                   more + " --out " + quote((*shared_ / name).string()),
               shared_->path());
    ASSERT_EQ(o.exit, 0) << o.err;
  }
  static std::string s(const std::string& name) { return quote((*shared_ / name).string()); }
  static std::string model() { return s("model run/model"); }

  static constexpr int kPeople = 5, kShots = 8;
  static TempDir* shared_;
};
TempDir* FaceCli::shared_ = nullptr;

std::string word32(uint32_t value) { return {reinterpret_cast<const char*>(&value), 4}; }

/// As Python 2's pickle wrote the published files: (list of byte strings, list of bools), protocol 2.
std::string bin_bytes(const std::vector<std::string>& pictures, const std::vector<bool>& same) {
  std::string out = "\x80\x02]q\x01(";
  for (const auto& picture : pictures) out += "T" + word32(static_cast<uint32_t>(picture.size())) + picture;
  out += "e]q\x02(";
  for (const bool label : same) out += label ? "\x88" : "\x89";
  return out + "e\x86q\x03.";
}

TEST_F(FaceCli, InsightFaceBinFromPicturesToAccuracies) {
  std::vector<std::string> pictures;
  std::vector<bool> same;
  for (int i = 0; i < 40; ++i) {
    same.push_back(i % 2 == 0);
    pictures.push_back(jpeg_bytes(class_picture(i % kPeople, i)));
    pictures.push_back(jpeg_bytes(class_picture(same.back() ? i % kPeople : (i + 1) % kPeople, 100 + i)));
  }
  spill(at("set.bin"), bin_bytes(pictures, same));
  const std::string command = "eval face --protocol bin --pairs " + q("set.bin") + " --model " + model();
  const auto j = json_of(command + " --curve " + q("roc.csv") + " --report " + q("page.html"));
  EXPECT_EQ(j["queries"], 40);
  EXPECT_EQ(j["accuracies"].size(), 3u);
  EXPECT_GE(j["metrics"]["accuracy.r-if"], 0.5);
  EXPECT_THAT(j["notes"].dump(), HasSubstr("the people are not known"));
  EXPECT_THAT(slurp(at("roc.csv")), ::testing::StartsWith("far,tar,threshold\n0,0,inf\n"));
  EXPECT_THAT(slurp(at("page.html")), HasSubstr("id=\"face-threshold\""));

  pictures[7] = "no picture";
  spill(at("set.bin"), bin_bytes(pictures, same));
  EXPECT_THAT(failure(4, command), HasSubstr("set.bin#7"));
  EXPECT_THAT(json_of(command + " --max-bad 0.05")["notes"].dump(), HasSubstr("1 pictures gave no vector"));

  std::string truncated = bin_bytes(pictures, same);
  truncated.resize(truncated.size() / 2);
  spill(at("set.bin"), truncated);
  EXPECT_THAT(failure(4, command), HasSubstr("offset"));
}

TEST_F(FaceCli, AHostileBinRunsNothing) {
  const std::string file = at("touched").string();
  spill(at("evil.bin"),
        "\x80\x02"
        "cos\nsystem\n(S'touch " +
            file + "'\ntR.");
  const std::string message = failure(4, "eval face --protocol bin --pairs " + q("evil.bin") + " --model " + model());
  EXPECT_THAT(message, HasSubstr("offset 2: the global 'os.system'"));
  EXPECT_FALSE(fs::exists(file));
}

TEST_F(FaceCli, IjbCropsAreAlignedAndPooled) {
  std::string templates, points, pairs;
  for (int t = 0; t < 6; ++t)
    for (int k = 0; k < 2; ++k) {
      const std::string name = std::to_string(2 * t + k) + ".jpg";
      spill(at("crops/" + name), jpeg_bytes(class_picture(t / 2, 10 * t + k, 112)));
      templates += name + " " + std::to_string(t) + " " + std::to_string(k) + "\n";
      points += name + " 38.3 51.7 73.5 51.5 56.0 71.7 41.5 92.4 70.7 92.2 0.99\n";
    }
  for (int a = 0; a < 6; ++a)
    for (int b = a + 1; b < 6; ++b)
      pairs += std::to_string(a) + " " + std::to_string(b) + (a / 2 == b / 2 ? " 1\n" : " 0\n");
  spill(at("meta/ijbc_face_tid_mid.txt"), templates);
  spill(at("meta/ijbc_name_5pts_score.txt"), points);
  spill(at("meta/ijbc_template_pair_label.txt"), pairs);
  const std::string command = "eval face --protocol ijbc --pairs " + q("meta") + " --images " + q("crops") +
                              " --model " + model() + " --far 0.1";
  const auto j = json_of(command);
  EXPECT_EQ(j["queries"], 15);
  EXPECT_EQ(j["genuine"], 3);
  EXPECT_TRUE(j["metrics"].contains("tar@far=0.1"));
  fs::remove(at("crops/3.jpg"));
  EXPECT_THAT(failure(4, command), HasSubstr("3.jpg"));
}

TEST_F(FaceCli, ThresholdOfFacesGoesToTheCardAndToQueries) {
  ASSERT_EQ(run("embed " + s("faces") + " --model " + model() + " --out " + q("emb")).exit, 0);
  ASSERT_EQ(run("index build " + q("emb") + " --out " + q("idx")).exit, 0);
  const std::string command = "eval threshold --protocol all-pairs --embeddings " + q("emb") + " --target far=0.05";
  const auto j = json_of(command + " --store " + model() + " --level same");
  const auto& t = j["threshold"];
  EXPECT_TRUE(t["reached"]);
  EXPECT_LE(t["far"], 0.05);
  EXPECT_EQ(t["right"], kPeople * kShots * (kShots - 1) / 2);
  EXPECT_EQ(j["interval_over"], "people");
  EXPECT_LE(t["interval"][0], t["interval"][1]);
  for (const auto& pair : j["behind"]) EXPECT_EQ(pair["same"].get<bool>(), pair["score"] < t["score"]);

  const auto card = nlohmann::json::parse(slurp(*shared_ / "model run/model/card.json"));
  const auto& stored = card["thresholds"]["same"];
  EXPECT_EQ(stored["score"], t["score"]);
  EXPECT_EQ(stored["protocol"], "all-pairs");
  EXPECT_EQ(stored["views"], "one");
  const auto query = json_of("query " + q("idx") + " --image " + s("faces/class 0/shot 0.jpg") + " --model " + model() +
                             " -k 3")["queries"][0];
  EXPECT_EQ(query["verdict"], "same") << query;

  // Recall and precision over the pairs; pictures and model instead of an embeddings folder give the same vectors.
  const auto recall = json_of("eval threshold " + s("faces") + " --protocol all-pairs --model " + model() +
                              " --target recall=0.9 --bootstrap 50");
  EXPECT_GE(recall["threshold"]["recall"], 0.9);
  EXPECT_EQ(recall["interval_over"], "people");
  EXPECT_LE(recall["threshold"]["interval"][0], recall["threshold"]["interval"][1]);

  // FPIR: strangers of a 1:N search.
  const auto fpir = json_of("eval threshold --protocol identify --embeddings " + q("emb") +
                            " --target fpir=0.2 --store " + model() + " --level similar");
  EXPECT_LE(fpir["threshold"]["far"], 0.2);
  EXPECT_EQ(fpir["interval_over"], "strangers");
  const auto again = nlohmann::json::parse(slurp(*shared_ / "model run/model/card.json"))["thresholds"];
  EXPECT_EQ(again["similar"]["target"], "fpir=0.2");
  EXPECT_EQ(again["similar"]["score"], fpir["threshold"]["score"]);
  EXPECT_EQ(again["same"]["score"], t["score"]);
  EXPECT_THAT(failure(2, "eval threshold --queries " + q("emb") + " --target fpir=0.1"), HasSubstr("needs strangers"));

  EXPECT_THAT(failure(2, "eval threshold --target far=0.1"), HasSubstr("either --queries EMB or"));
  EXPECT_THAT(failure(2, "eval threshold --protocol cluster --embeddings " + q("emb")), HasSubstr("compares no pairs"));
  embeddings("other", {{"a", {1, 0}, "p"}, {"b", {1, 0}, "p"}, {"c", {0, 1}, "q"}});
  EXPECT_THAT(failure(7, "eval threshold --protocol all-pairs --embeddings " + q("other") +
                             " --target recall=0.5 --store " + model()),
              HasSubstr("the vectors must come from"));
}

}  // namespace
}  // namespace winnow::test
