// MegaFace, IJB and Landmarks v2 from their files to their figures, each small enough to work out by hand.
#include "src/evaluation/face/megaface_files.h"
#include "tests/integration/eval_fixture.h"

namespace winnow::test {
namespace {

using ::testing::HasSubstr;

class MegaFaceCli : public EvalCli {
 protected:
  MegaFaceCli() {
    spill(at("probes.json"), R"({"id": ["A", "A", "B", "B"], "path": ["A/1.png", "A/2.png", "B/1.png", "B/2.png"]})");
    spill(at("distractors.json"), R"({"path": ["1/x.jpg", "2/y.jpg"]})");
    feature("facescrub/A/1.png", {1, 0, 0});
    feature("facescrub/A/2.png", {.8f, .6f, 0});
    feature("facescrub/B/1.png", {0, 0, 1});
    feature("facescrub/B/2.png", {0, .6f, .8f});
    feature("megaface/1/x.jpg", {.96f, .28f, 0});  // above A's own pair (0.8) from both sides
    feature("megaface/2/y.jpg", {0, 1, 0});
  }
  void feature(const std::string& name, const std::vector<float>& vector) const {
    spill(at("features/" + name + "_alg.bin"), megaface_feature_bytes(vector));
  }
  std::string command(const std::string& more = "") const {
    return "eval face --protocol megaface --pairs " + q("probes.json") + " --distractors " + q("distractors.json") +
           " --images " + q("features") + " --feature-suffix _alg.bin --far 0.25,0.125 " + more;
  }
};

TEST_F(MegaFaceCli, RanksAndRates) {
  const auto j = json_of(command("--curve " + q("result.json") + " --report " + q("page.html")));
  EXPECT_THAT(slurp(at("page.html")), HasSubstr("id=\"face-threshold\""));
  const auto& m = j["metrics"];
  EXPECT_EQ(m["trials"], 4);
  EXPECT_EQ(m["rank@1"], 0.5);  // B's two trials; A's mate stands behind x.jpg in both
  EXPECT_EQ(m["rank@5"], 1.0);
  EXPECT_EQ(j["impostors"], 8);
  EXPECT_EQ(m["tar@far=0.25"], 1.0);   // two impostors of eight may pass: the two of x.jpg
  EXPECT_EQ(m["tar@far=0.125"], 0.0);  // one may: 0.96; the next, 0.936, lies above both genuine pairs
  const auto result = nlohmann::json::parse(slurp(at("result.json")));
  EXPECT_EQ(result["cmc"], nlohmann::json::parse("[[0, 1], [0.5, 1.0]]"));
  EXPECT_EQ(result["roc"].size(), 2u);
}

TEST_F(MegaFaceCli, NoiseListsGiveTheRefinedFigures) {
  spill(at("distractor_noise.txt"), "# true people among the distractors\n1/x.jpg\n");
  EXPECT_EQ(json_of(command("--distractor-noise " + q("distractor_noise.txt")))["metrics"]["rank@1.R"], 1.0);
  // A's second photo becomes the centre of A's clean photos, which is the first one.
  spill(at("probe_noise.txt"), "A/2.png\n");
  const auto m = json_of(command("--probe-noise " + q("probe_noise.txt")))["metrics"];
  EXPECT_EQ(m["rank@1"], 0.5);
  EXPECT_EQ(m["rank@1.R"], 1.0);
}

TEST_F(MegaFaceCli, MissingAndDamagedFeatures) {
  fs::remove(at("features/megaface/2/y.jpg_alg.bin"));
  EXPECT_THAT(failure(4, command()), HasSubstr("1 of 2 feature files are missing"));
  const auto j = json_of(command("--max-bad 0.5"));
  EXPECT_THAT(j["notes"].dump(), HasSubstr("which flatters the score"));
  feature("megaface/2/y.jpg", {0, 1});
  EXPECT_THAT(failure(4, command()), HasSubstr("3 numbers are required as in the files before, got 2"));
  std::string bytes = slurp(at("features/facescrub/B/1.png_alg.bin"));
  bytes.pop_back();
  feature("megaface/2/y.jpg", {0, 1, 0});
  spill(at("features/facescrub/B/1.png_alg.bin"), bytes);
  EXPECT_THAT(failure(4, command()), HasSubstr("offset 16: 12 bytes are promised, 11 follow"));
  spill(at("probes.json"), R"({"id": ["A"], "path": ["A/1.png", "A/2.png"]})");
  EXPECT_THAT(failure(4, command()), HasSubstr("'path' has 2 entries, 'id' 1"));
}

/// Templates 1 (three crops of two media), 2, 3 and 4 (one crop each).
class IjbCli : public EvalCli {
 protected:
  IjbCli() {
    embeddings("emb", {{"1.jpg", {1, 0}},
                       {"2.jpg", {0, 1}},
                       {"3.jpg", {1, 0}},
                       {"4.jpg", {1, 0}},
                       {"5.jpg", {0, 1}},
                       {"6.jpg", {.6f, .8f}}});
    for (const std::string prefix : {"ijbb", "ijbc"}) {
      spill(at("meta/" + prefix + "_face_tid_mid.txt"),
            "1.jpg 1 10\n2.jpg 1 10\n3.jpg 1 11\n4.jpg 2 12\n5.jpg 3 13\n6.jpg 4 14\n");
      const std::string points = " 38 52 73 51 56 72 42 92 71 92 ";
      spill(at("meta/" + prefix + "_name_5pts_score.txt"), "1.jpg" + points + "1.0\n2.jpg" + points + "0.5\n3.jpg" +
                                                               points + "0.2\n4.jpg" + points + "1\n5.jpg" + points +
                                                               "1\n6.jpg" + points + "1\n");
      spill(at("meta/" + prefix + "_template_pair_label.txt"), "1 2 1\n1 3 0\n2 3 0\n");
      const std::string head = "TEMPLATE_ID,SUBJECT_ID,FILENAME\n", letter = prefix == "ijbc" ? "G" : "S";
      spill(at("meta/" + prefix + "_1N_gallery_" + letter + "1.csv"), head + "2,100,4.jpg\n");
      spill(at("meta/" + prefix + "_1N_gallery_" + letter + "2.csv"), head + "3,101,5.jpg\n");
      spill(at("meta/" + prefix + "_1N_probe_mixed.csv"), head + "1,100,1.jpg\n1,100,2.jpg\n4,101,6.jpg\n");
    }
  }
  std::string command(const std::string& protocol, const std::string& more = "") const {
    return "eval face --protocol " + protocol + " --pairs " + q("meta") + " --embeddings " + q("emb") + " " + more;
  }
};

TEST_F(IjbCli, TemplatesArePooledAndCompared) {
  const auto j = json_of(command("ijbc", "--far 0.5 --curve " + q("roc.csv")));
  EXPECT_EQ(j["metrics"]["tar@far=0.5"], 1.0);
  EXPECT_EQ(j["impostors"], 2);
  int modes = 0;
  for (const auto& [name, value] : j["metrics"].items()) modes += name.rfind("tar@far=0.5 [", 0) == 0;
  EXPECT_EQ(modes, 8);
  // Media 10: mean of (1, 0) and 0.5 (0, 1); medium 11: 0.2 (1, 0); together (0.7, 0.25). Against (1, 0) and (0, 1):
  const std::string roc = slurp(at("roc.csv"));
  EXPECT_THAT(roc, HasSubstr(",0.94174"));  // 0.7 / sqrt(0.5525)
  EXPECT_EQ(roc.substr(0, roc.find('\n')), "far,tar,threshold");
}

TEST_F(IjbCli, EachGalleryAlone) {
  const auto m = json_of(command("ijbb-1n", "--fpir 0.5"))["metrics"];
  for (const char* gallery : {"S1", "S2"}) {
    EXPECT_EQ(m[std::string("rank@1 [") + gallery + "]"], 1.0);
    EXPECT_EQ(m[std::string("tpir@fpir=0.5 [") + gallery + "]"], 1.0);
  }
  EXPECT_EQ(m["fnir@fpir=0.5"], 0.0);
}

TEST_F(IjbCli, DamageIsNamedByLine) {
  spill(at("meta/ijbc_template_pair_label.txt"), "1 2 1\n1 9 0\n");
  EXPECT_THAT(failure(4, command("ijbc")), HasSubstr("template 9, which has no faces"));
  spill(at("meta/ijbc_template_pair_label.txt"), "1 2 1\n1 3 2\n");
  EXPECT_THAT(failure(4, command("ijbc")), HasSubstr("label.txt:2: label 0 or 1"));
  spill(at("meta/ijbb_1N_probe_mixed.csv"), "TEMPLATE_ID,SUBJECT_ID\n1,100\n1,101\n");
  EXPECT_THAT(failure(4, command("ijbb-1n")), HasSubstr("mixed.csv:3: template 1 belongs to subject 100"));
  fs::remove(at("meta/ijbb_face_tid_mid.txt"));
  EXPECT_THAT(failure(4, command("ijbb")), HasSubstr("ijbb_face_tid_mid.txt"));
}

class LandmarksCli : public EvalCli {
 protected:
  LandmarksCli() {
    embeddings("queries", {{"test/0/q1.jpg", {1, 0}}, {"test/0/q2.jpg", {0, 1}}});
    embeddings("index", {{"index/a.jpg", {.96f, .28f}}, {"index/b.jpg", {.8f, .6f}}, {"index/c.jpg", {.6f, .8f}}});
  }
  std::string command() const {
    return "eval retrieval --protocol gldv2 --truth " + q("solution.csv") + " --queries " + q("queries") +
           " --gallery " + q("index") + " --bootstrap 0";
  }
  const std::string rows_ = "id,images,Usage\nq1,a c,Public\nq2,b,Private\n";
};

TEST_F(LandmarksCli, PublicAndPrivate) {
  spill(at("solution.csv"), rows_ + "q3,None,Ignored\n");
  const auto m = json_of(command())["metrics"];
  EXPECT_NEAR(m["public.map@100.gldv2"].get<double>(), (1 + 2.0 / 3) / 2, 1e-12);  // a b c: hits at 1 and 3
  EXPECT_NEAR(m["private.map@100.gldv2"].get<double>(), 0.5, 1e-12);               // c b a: the hit is second
}

TEST_F(LandmarksCli, MemoryDoesNotGrowWithTheSolution) {
  spill(at("solution.csv"), rows_);
  const auto small = json_of(command())["tasks"]["public"]["peak_rss_bytes"].get<int64_t>();
  std::string more;
  for (int i = 0; i < 20000; ++i)
    more += "other" + std::to_string(i) + (i % 2 == 0 ? ",None,Ignored\n" : ",x1 x2 x3 x4 x5 x6 x7 x8,Public\n");
  {
    std::ofstream out(at("solution.csv"), std::ios::binary);
    out << rows_;
    for (int i = 0; i < 240; ++i) out << more;
  }
  ASSERT_GT(fs::file_size(at("solution.csv")), uint64_t{128} << 20);
  const auto j = json_of(command());
  EXPECT_NEAR(j["metrics"]["private.map@100.gldv2"].get<double>(), 0.5, 1e-12);
  EXPECT_THAT(j["notes"].dump(), HasSubstr("were not embedded"));
  EXPECT_LT(j["tasks"]["public"]["peak_rss_bytes"].get<int64_t>() - small, int64_t{16} << 20);
}

}  // namespace
}  // namespace winnow::test
