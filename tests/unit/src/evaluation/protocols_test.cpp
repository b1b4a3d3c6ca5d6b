#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <set>

#include "src/core/error.h"
#include "src/core/parallel.h"
#include "src/core/text.h"
#include "src/evaluation/metric_variant.h"
#include "src/evaluation/protocols/protocol.h"

namespace winnow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Protocols : public testing::Test {
 protected:
  Protocols() { fs::create_directories(folder_); }
  ~Protocols() override { fs::remove_all(folder_); }
  fs::path file(const std::string& name, const std::string& text) {
    write_file_atomically(folder_ / name, text);
    return folder_ / name;
  }
  static ProtocolInput one_side(std::vector<std::string> paths, std::vector<std::string> labels = {}) {
    labels.resize(paths.size());
    ProtocolSide side{std::move(paths), std::move(labels)};
    return {side, side, true, {}};
  }
  template <typename Call>
  static std::string error_of(Call call) {
    try {
      call();
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  }
  fs::path folder_ = fs::temp_directory_path() / ("winnow-protocols-" + std::to_string(::getpid()));
};

TEST_F(Protocols, NamesAreDistinctAndTheirMetricsExist) {
  std::set<std::string> names;
  for (const auto& p : retrieval_protocols()) {
    EXPECT_TRUE(names.insert(p.name).second) << p.name;
    EXPECT_FALSE(p.metrics.empty());
    for (const auto& metric : p.metrics) EXPECT_NO_THROW(parse_metric(metric)) << p.name;
    EXPECT_EQ(&find_retrieval_protocol(p.name), &p);
  }
  EXPECT_THAT(error_of([] { find_retrieval_protocol("roxford"); }), HasSubstr("did you mean 'roxford5k'"));
  EXPECT_THAT(error_of([] { plan_protocol(find_retrieval_protocol("sop"), {}); }),
              HasSubstr("needs --truth: Ebay_test"));
}

TEST_F(Protocols, RevisitedOxfordByLevel) {
  ProtocolInput input;
  input.queries.paths = {"crops/q1.jpg"};
  input.gallery.paths = {"jpg/c.jpg", "jpg/a.jpg", "jpg/b.jpg"};
  input.truth = fs::path(WINNOW_SOURCE_DIR) / "tests/fuzz/corpus/pickle/gnd_p2.pkl";  // easy a b, hard c
  const auto plan = plan_protocol(find_retrieval_protocol("roxford5k"), input);
  ASSERT_EQ(plan.tasks.size(), 3u);
  EXPECT_EQ(plan.tasks[0].name, "easy");
  EXPECT_THAT(plan.tasks[0].gallery, ElementsAre(1, 2, 0));  // the order of imlist
  EXPECT_THAT(plan.tasks[0].lists[0].positive, ElementsAre(0, 1));
  EXPECT_THAT(plan.tasks[0].lists[0].ignored, ElementsAre(2));
  EXPECT_THAT(plan.tasks[1].lists[0].positive, ElementsAre(0, 1, 2));
  EXPECT_THAT(plan.tasks[2].lists[0].positive, ElementsAre(2));
  EXPECT_THAT(plan.tasks[2].lists[0].ignored, ElementsAre(0, 1));
  EXPECT_THAT(plan.notes, testing::Contains(HasSubstr("1 queries, published 70")));
}

TEST_F(Protocols, OxfordReadsItsFourFiles) {
  file("all_souls_1_query.txt", "oxc1_all_souls_000013 136.5 34.1 648.5 955.7\n");
  file("all_souls_1_good.txt", "all_souls_000013\nall_souls_000026\n");
  file("all_souls_1_ok.txt", "oxford_002985\n");
  file("all_souls_1_junk.txt", "all_souls_000121\n");
  auto input =
      one_side({"o/all_souls_000121.jpg", "o/oxford_002985.jpg", "o/all_souls_000013.jpg", "o/all_souls_000026.jpg"});
  input.truth = folder_;
  const auto plan = plan_oxford(input);
  EXPECT_THAT(plan.tasks[0].queries, ElementsAre(2));
  EXPECT_THAT(plan.tasks[0].lists[0].positive, ElementsAre(2, 3, 1));
  EXPECT_THAT(plan.tasks[0].lists[0].ignored, ElementsAre(0));
  file("all_souls_1_query.txt", "oxc1_all_souls_000013 136.5\n");
  EXPECT_THAT(error_of([&] { plan_oxford(input); }), HasSubstr("all_souls_1_query.txt:1: a name and a box"));
}

TEST_F(Protocols, HolidaysAndUkbenchByNumber) {
  const auto holidays = plan_holidays(one_side({"100000.jpg", "100001.jpg", "100100.jpg", "100101.jpg"}));
  EXPECT_THAT(holidays.tasks[0].queries, ElementsAre(0, 2));
  EXPECT_THAT(holidays.tasks[0].gallery_labels, ElementsAre(1000, 1000, 1001, 1001));
  const auto ukbench = plan_ukbench(one_side({"ukbench00003.jpg", "ukbench00004.jpg", "x.jpg"}));
  EXPECT_THAT(ukbench.tasks[0].query_labels, ElementsAre(0, 1, -1));
}

TEST_F(Protocols, LandmarksSolutionByUsage) {
  ProtocolInput input;
  input.queries.paths = {"t/0/0/0/q1.jpg", "t/0/0/0/q2.jpg"};
  input.gallery.paths = {"i/a.jpg", "i/b.jpg"};
  input.truth = file("s.csv", "id,images,Usage\nq1,a b missing,Public\nq2,b,Private\nq3,a,Ignored\n");
  const auto plan = plan_gldv2(input);
  ASSERT_EQ(plan.tasks.size(), 2u);
  EXPECT_EQ(plan.tasks[0].name, "private");
  EXPECT_EQ(plan.tasks[1].name, "public");
  EXPECT_THAT(plan.tasks[1].lists[0].positive, ElementsAre(0, 1));
  EXPECT_THAT(plan.notes, testing::Contains("1 positives were not embedded"));
  input.truth = file("s.csv", "id,images,Usage\nq1,a,Secret\n");
  EXPECT_THAT(error_of([&] { plan_gldv2(input); }), HasSubstr("s.csv:2: Usage must be"));
}

TEST_F(Protocols, LandmarksListedTwiceAreRefused) {
  auto input = one_side({"q1.jpg", "a.jpg"});
  input.truth = file("s.csv", "id,images,Usage\nq1,a,Public\nq1,a,Private\n");
  EXPECT_THAT(error_of([&] { plan_gldv2(input); }), HasSubstr("s.csv:3: 'q1' is listed twice"));
}

TEST_F(Protocols, MemoryDoesNotGrowWithTheLandmarksSolution) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers keep freed memory";
#endif
  auto input = one_side({"q1.jpg", "a.jpg", "b.jpg"});
  std::string rows = "id,images,Usage\nq1,a b,Public\n";
  for (int i = 0; i < 200; ++i)
    rows += "unlisted" + std::to_string(i) + (i % 2 == 0 ? ",None,Ignored\n" : ",gone1 gone2 gone3,Private\n");
  {
    AtomicFile out(folder_ / "big.csv");
    out.write(rows);
    const std::string more = rows.substr(rows.find("unlisted"));
    while (out.bytes() < (uint64_t{96} << 20)) out.write(more);
    out.commit();
  }
  input.truth = folder_ / "big.csv";
  const uint64_t before = peak_rss_bytes();
  const auto plan = plan_gldv2(input);
  EXPECT_LT(peak_rss_bytes() - before, uint64_t{24} << 20);
  ASSERT_EQ(plan.tasks.size(), 1u);
  EXPECT_THAT(plan.tasks[0].lists[0].positive, ElementsAre(1, 2));
}

TEST_F(Protocols, NamesInNotesCanBePrinted) {
  auto input = one_side({"a/1.JPG"});
  input.truth = file("Ebay_test.txt",
                     "image_id class_id super_class_id path\n1 1 1 a/1.JPG\n2 1 1 " + std::string(3000, '\xff') + "\n");
  const auto plan = plan_sop(input);
  ASSERT_EQ(plan.notes.size(), 1u);
  EXPECT_TRUE(is_valid_utf8(plan.notes[0])) << plan.notes[0];
  EXPECT_LT(plan.notes[0].size(), 600u);
}

TEST_F(Protocols, OxfordWantsAFolder) {
  auto input = one_side({"a.jpg"});
  input.truth = file("truth.txt", "x\n");
  EXPECT_THAT(error_of([&] { plan_oxford(input); }), HasSubstr("must be a folder with *_query.txt files"));
  input.truth = folder_ / "missing";
  EXPECT_THAT(error_of([&] { plan_oxford(input); }), HasSubstr("must be a folder with *_query.txt files"));
}

TEST_F(Protocols, CubSplitsAreTwoBenchmarks) {
  std::string images, classes, split;
  for (int i = 1; i <= 4; ++i) {
    images += std::to_string(i) + " " + std::to_string(i) + ".bird/p" + std::to_string(i) + ".jpg\n";
    classes += std::to_string(i) + " " + std::to_string(i <= 2 ? i : 100 + i) + "\n";
    split += std::to_string(i) + " " + std::to_string(i % 2) + "\n";
  }
  file("images.txt", images);
  file("image_class_labels.txt", classes);
  file("train_test_split.txt", split);
  auto input = one_side({"cub/1.bird/p1.jpg", "cub/2.bird/p2.jpg", "cub/3.bird/p3.jpg", "cub/4.bird/p4.jpg"});
  input.truth = folder_;
  EXPECT_THAT(plan_cub(input).tasks[0].queries, ElementsAre(2, 3));
  EXPECT_THAT(plan_cub_classes(input).tasks[0].queries, ElementsAre(1, 3));
  file("images.txt", "1 a.jpg\n3 b.jpg\n");
  EXPECT_THAT(error_of([&] { plan_cub(input); }), HasSubstr("images.txt:2: ids must count from 1"));
}

TEST_F(Protocols, ProductLists) {
  auto input = one_side({"a/1.JPG", "a/2.JPG", "b/3.JPG"});
  input.truth = file("Ebay_test.txt", "image_id class_id super_class_id path\n1 11319 1 a/1.JPG\n2 11319 1 a/2.JPG\n");
  const auto sop = plan_sop(input);
  EXPECT_THAT(sop.tasks[0].gallery, ElementsAre(0, 1));
  EXPECT_THAT(sop.notes, ElementsAre("1 embedded pictures are not part of the gallery and left out"));
  input.truth =
      file("inshop.txt",
           "3\nimage_name item_id evaluation_status\na/1.JPG id_1 query\na/2.JPG id_1 gallery\nb/3.JPG id_2 train\n");
  const auto inshop = plan_inshop(input);
  EXPECT_THAT(inshop.tasks[0].queries, ElementsAre(0));
  EXPECT_THAT(inshop.tasks[0].gallery, ElementsAre(1));
  EXPECT_EQ(inshop.tasks[0].query_labels, inshop.tasks[0].gallery_labels);
  input.truth = file("inshop.txt", "4\nimage_name item_id evaluation_status\na/1.JPG id_1 query\n");
  EXPECT_THAT(error_of([&] { plan_inshop(input); }), HasSubstr("announces 4 pictures, but 1 are listed"));
}

TEST_F(Protocols, ReidNamesGivePersonAndCamera) {
  ProtocolInput input;
  input.queries.paths = {"q/0002_c1s1_000451_03.jpg"};
  input.gallery.paths = {"g/0002_c2s1_000301_01.jpg", "g/-1_c3s1_000001_00.jpg", "g/0000_c6s4_002427_05.jpg",
                         "g/0005_c002_00030600_0.jpg", "g/0007_013_04_0303morning_0008_0.jpg"};
  const auto task = plan_reid(input).tasks[0];
  EXPECT_THAT(task.gallery, ElementsAre(0, 2, 3, 4));  // person -1 is junk, person 0 a distractor that stays
  EXPECT_THAT(task.gallery_labels, ElementsAre(2, 0, 5, 7));
  EXPECT_THAT(task.gallery_camera, ElementsAre(2, 6, 2, 4));
  EXPECT_THAT(task.query_camera, ElementsAre(1));
  input.gallery.paths = {"g/portrait.jpg"};
  EXPECT_THAT(error_of([&] { plan_reid(input); }), HasSubstr("given 'g/portrait.jpg'"));
}

TEST_F(Protocols, MultiLabelFlagsBecomeBits) {
  std::string first = "a.jpg", second = "b.jpg";
  for (int c = 0; c < 70; ++c) {
    first += c == 69 ? " 1" : " 0";
    second += c == 0 || c == 69 ? " 1" : " 0";
  }
  auto input = one_side({"x/a.jpg", "x/b.jpg"});
  input.truth = file("labels.txt", first + "\n" + second + "\n");
  const auto task = plan_multilabel(input).tasks[0];
  EXPECT_EQ(task.words, 2);
  EXPECT_THAT(task.gallery_bits, ElementsAre(0u, 32u, 1u, 32u));
  const ShareTruth truth(task.query_bits, task.gallery_bits, task.words, {0, 1});
  EXPECT_EQ(truth.relevant(0), 1);
  EXPECT_EQ(truth.role(0, 0), Role::kIgnored);
  EXPECT_EQ(truth.role(0, 1), Role::kRelevant);
  input.truth = file("labels.txt", "a.jpg 0 1\nb.jpg 0\n");
  EXPECT_THAT(error_of([&] { plan_multilabel(input); }), HasSubstr("labels.txt:2: a path and 2 flags"));
}

TEST_F(Protocols, DataFrameOfOpenMetricLearning) {
  auto input = one_side({"a.jpg", "b.jpg", "c.jpg"});
  input.truth = file("df.csv",
                     "path,label,split,is_query,is_gallery\na.jpg,1,validation,True,False\nb.jpg,1,validation,"
                     "False,True\nc.jpg,2,train,,\n");
  const auto task = plan_oml(input).tasks[0];
  EXPECT_THAT(task.queries, ElementsAre(0));
  EXPECT_THAT(task.gallery, ElementsAre(1));
  input.truth = file("df.csv", "path,label,is_query\na.jpg,1,maybe\n");
  EXPECT_THAT(error_of([&] { plan_oml(input); }), HasSubstr("df.csv:2: is_query and is_gallery must be"));
}

TEST_F(Protocols, NamesThatFitTwoPicturesOrNoneAreErrors) {
  auto input = one_side({"x/a/1.JPG", "y/a/1.JPG"});
  input.truth = file("Ebay_test.txt", "image_id class_id super_class_id path\n1 1 1 a/1.JPG\n");
  EXPECT_THAT(error_of([&] { plan_sop(input); }), HasSubstr("several paths end in it"));
  input = one_side({"z.JPG"});
  input.truth = folder_ / "Ebay_test.txt";
  EXPECT_THAT(error_of([&] { plan_sop(input); }), HasSubstr("none of the 2 listed pictures was embedded"));
}

}  // namespace
}  // namespace winnow
