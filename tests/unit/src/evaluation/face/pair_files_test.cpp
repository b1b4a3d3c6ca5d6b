#include "src/evaluation/face/pair_files.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "src/core/random.h"
#include "src/evaluation/face/bin_file.h"
#include "src/evaluation/face/folds.h"
#include "src/evaluation/face/ijb_files.h"
#include "src/evaluation/face/megaface_files.h"
#include "src/evaluation/face/pair_accuracy.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/src/evaluation/face/hex.h"

namespace winnow {
namespace {

void write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

template <typename Action>
void expect_fault(const Action& action, const std::string& part) {
  const std::string message = test::error_of(ErrorCode::kData, action);
  EXPECT_NE(message.find(part), std::string::npos) << message;
}

TEST(LfwPairs, DamageIsNamedByLine) {
  expect_fault([] { parse_lfw_pairs("2\t1\nA\t1\t2\nA\t1\n", "p.txt"); }, "p.txt:3");
  expect_fault([] { parse_lfw_pairs("2\t1\nA\t1\tx\n", "p.txt"); }, "p.txt:2");
  expect_fault([] { parse_lfw_pairs("10\t300\nA\t1\t2\n", "p.txt"); }, "6000 pairs, the file has 1");
  expect_fault([] { parse_lfw_pairs(std::string("2\t1\nA\0\t1\t2\n", 11), "p.txt"); }, "NUL");
  expect_fault([] { parse_lfw_pairs("", "p.txt"); }, "got none");
  expect_fault([] { parse_lfw_pairs("0\t300\n", "p.txt"); }, "p.txt:1");
}

TEST(LfwPairs, ViewOneIsOneFold) {
  const auto list = parse_lfw_pairs("1\nA\t1\t2\nA\t1\tB\t1\n", "dev.txt");
  EXPECT_EQ(list.folds, 1);
  EXPECT_EQ(list.people, (std::vector<std::string>{"A", "B"}));
}

TEST(TwoLinePairs, FoldsAreSlicesOfEitherClass) {
  std::string text;
  for (int i = 0; i < 20; ++i)
    for (const char* side : {"0001", "0002"})
      text += "P" + std::to_string(i) + "_" + side + ".jpg " + (i < 10 ? "1" : "0") + "\n";
  const auto list = parse_two_line_pairs(text, "calfw.txt");
  ASSERT_EQ(list.pairs.size(), 20u);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(list.pairs[static_cast<size_t>(i)].fold, i % 10);
  EXPECT_EQ(list.people[0], "P0");
  expect_fault([&] { parse_two_line_pairs(text + "odd.jpg 1\n", "calfw.txt"); }, "calfw.txt:41");
  expect_fault([] { parse_two_line_pairs("a 1\nb 0\n", "calfw.txt"); }, "calfw.txt:2");
}

TEST(CfpPairs, ReadsTheFolder) {
  const test::TempDir dir;
  const fs::path root = dir.path() / "Protocol";
  write(root / "Pair_list_F.txt", "1 ../Data/Images/001/frontal/01.jpg\n2 ../Data/Images/002/frontal/01.jpg\n");
  write(root / "Pair_list_P.txt", "1 ../Data/Images/001/profile/01.jpg\n");
  for (int f = 1; f <= 10; ++f) {
    const fs::path fold = root / "Split/FP" / ((f < 10 ? "0" : "") + std::to_string(f));
    write(fold / "same.txt", "1,1\n");
    write(fold / "diff.txt", "2,1\n");
  }
  const auto list = read_pairs("cfp-fp", dir.path());
  EXPECT_EQ(list.pairs.size(), 20u);
  EXPECT_EQ(list.images[0], "Data/Images/001/frontal/01.jpg");
  EXPECT_EQ(list.people, (std::vector<std::string>{"001", "002"}));
  EXPECT_EQ(list.pairs.back().fold, 9);
  ASSERT_EQ(list.notes.size(), 1u);  // 7,000 pairs are published
  write(root / "Split/FP/10/diff.txt", "3,1\n");
  expect_fault([&] { read_cfp(dir.path(), true); }, "diff.txt:1");
}

TEST(Pairs, ExcludesPeopleOfATrainingList) {
  auto list = parse_lfw_pairs("2\t1\nA\t1\t2\nA\t1\tB\t3\nB\t2\t3\nC\t1\tB\t1\n", "pairs.txt");
  EXPECT_EQ(exclude_people(list, {"A", "Nobody"}), 2);
  EXPECT_EQ(list.pairs.size(), 2u);
}

TEST(Folds, AreContiguousWithTheFirstOnesLonger) {
  EXPECT_EQ(contiguous_folds(7, 3), (std::vector<int>{0, 0, 0, 1, 1, 2, 2}));
}

TEST(Folds, NoPersonOccursInTwoDisjointFolds) {
  std::vector<FacePair> pairs;
  std::vector<int32_t> person;
  for (int32_t i = 0; i < 60; ++i) person.push_back(i / 2);  // 30 people, 2 pictures
  for (int64_t p = 0; p < 30; ++p) {
    pairs.push_back({2 * p, 2 * p + 1, true, 0});
    const int64_t other = p / 3 * 3 + (p + 1) % 3;  // within groups of three people
    pairs.push_back({2 * p, 2 * other, false, static_cast<int>(p % 5)});
  }
  EXPECT_GT(examine_folds(pairs, person).shared, 0);
  const auto folds = identity_disjoint_folds(pairs, person, 5);
  for (size_t i = 0; i < pairs.size(); ++i) pairs[i].fold = folds[i];
  EXPECT_EQ(examine_folds(pairs, person).shared, 0);
  EXPECT_EQ(examine_folds(pairs, person).people, 30);
  expect_fault([&] { identity_disjoint_folds(pairs, person, 11); }, "hang together in 10 groups");
}

TEST(Folds, SingleClassFoldsAreRefused) {
  UnitVectors vectors{{1, 0, 1, 0}, 2, 2, {0, 0}, 0};
  const std::vector<FacePair> pairs = {{0, 1, true, 0}, {0, 1, true, 0}, {0, 1, false, 1}, {0, 1, false, 1}};
  expect_fault([&] { pair_accuracy(vectors, pairs, AccuracyRule::kInsightFace); }, "fold 0 has 2 same of 2");
}

TEST(Folds, LikelyOverlapIsFoundByCentres) {
  const std::vector<float> test = {1, 0, 0, 1}, train = {.1f, 1, 1, .1f, -1, 0};
  const std::vector<int64_t> test_labels = {7, 8}, train_labels = {1, 2, 3};
  const auto found = likely_overlap(test, test_labels, train, train_labels, 2, 0.9);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].test + found[1].test, 15);
  for (const auto& f : found) EXPECT_EQ(f.train, f.test == 7 ? 2 : 1);
}

TEST(BinFile, RefusesWhatIsNoPairList) {
  const std::string one_label = test::from_hex("80035d7100284304ffd8ffd971014305ffd800ffd97102655d7103886186");
  expect_fault([&] { parse_bin_file(one_label, "cut.bin"); }, "cut.bin");
  const std::string good = test::from_hex("80035d7100284304ffd8ffd971014305ffd800ffd97102655d710388618671042e");
  for (size_t length = 0; length < good.size(); ++length)
    EXPECT_THROW(parse_bin_file(std::string_view(good).substr(0, length), "cut.bin"), Error) << length;
  // Three pictures for one label.
  expect_fault(
      [] {
        parse_bin_file(test::from_hex("80035d2843014143014243014365"
                                      "5d8861"
                                      "862e"),
                       "odd.bin");
      },
      "3 pictures and 1 labels");
}

TEST(BinFile, ReadsWhatPythonWrites) {
  if (!fs::exists(WINNOW_PYTHON)) GTEST_SKIP() << "needs the Python of scripts/bootstrap.sh (WINNOW_PYTHON)";
  const test::TempDir dir;
  write(dir.path() / "make.py", R"(
import pickle, sys, numpy as np
bins = [bytes([255, 216, i % 256]) * 3 for i in range(2400)]
same = [i % 3 == 0 for i in range(1200)]
arrays = [np.frombuffer(b, np.uint8).reshape(-1, 1) for b in bins]
for p in (0, 1, 2, 3, 4, 5):
    pickle.dump((bins, same), open(f'{sys.argv[1]}/bytes{p}.bin', 'wb'), protocol=p)
for p in (2, 3, 4, 5):
    pickle.dump((arrays, np.array(same)), open(f'{sys.argv[1]}/numpy{p}.bin', 'wb'), protocol=p)
    pickle.dump((arrays, [np.bool_(s) for s in same]), open(f'{sys.argv[1]}/scalar{p}.bin', 'wb'), protocol=p)
)");
  const std::string command =
      std::string(WINNOW_PYTHON) + " " + (dir.path() / "make.py").string() + " " + dir.path().string();
  ASSERT_EQ(std::system(command.c_str()), 0);
  int files = 0;
  for (const auto& entry : fs::directory_iterator(dir.path())) {
    if (entry.path().extension() != ".bin") continue;
    if (entry.path().stem() == "bytes0" || entry.path().stem() == "bytes1") continue;  // no .bin is written in these
    const BinFile bin = read_bin_file(entry.path());
    ASSERT_EQ(bin.pictures.size(), 2400u) << entry.path();
    for (size_t i = 0; i < 2400; i += 7) {
      const std::string unit = {'\xFF', '\xD8', static_cast<char>(i % 256)};
      EXPECT_EQ(bin.pictures[i], unit + unit + unit) << entry.path();
    }
    for (size_t p = 0; p < 1200; ++p) EXPECT_EQ(bin.list.pairs[p].same, p % 3 == 0) << entry.path();
    EXPECT_EQ(bin.list.folds, 10);
    ++files;
  }
  EXPECT_EQ(files, 12);
}

TEST(MegaFaceFeature, DamageIsNamedByOffset) {
  const std::string good = megaface_feature_bytes(std::vector<float>{1, 2, 3});
  expect_fault([&] { parse_megaface_feature(std::string_view(good).substr(0, 10), "f"); }, "offset 10");
  expect_fault([&] { parse_megaface_feature(std::string_view(good).substr(0, 20), "f"); }, "offset 16");
  std::string bad = good;
  bad[12] = 3;
  expect_fault([&] { parse_megaface_feature(bad, "f"); }, "offset 12");
  bad = good;
  bad[8] = 1;
  expect_fault([&] { parse_megaface_feature(bad, "f"); }, "offset 8");
  bad = good;
  bad[3] = '\x7F';
  expect_fault([&] { parse_megaface_feature(bad, "f"); }, "offset 0");
}

TEST(MegaFaceLists, NoiseIsMatchedByPathOrFileName) {
  const auto list = parse_megaface_list(R"({"path": ["A/A_1.png", "B/B_2.png"], "id": ["A", "B"]})", "probes.json");
  EXPECT_EQ(marked(list.paths, {"B_2.png"}), (std::vector<char>{0, 1}));
  EXPECT_EQ(marked(list.paths, {"A/A_1.png"}), (std::vector<char>{1, 0}));
  expect_fault(
      [] {
        parse_megaface_list(R"({"path": ["a"], "id": []})", "p.json");
        parse_megaface_list(R"({"path": ["a"], "id": ["x", "y"]})", "p.json");
      },
      "p.json");
  expect_fault([] { parse_megaface_list(R"({"paths": []})", "p.json"); }, "'path' is required");
  const std::vector<double> cmc = {.5, .5, .75};
  const std::vector<std::pair<double, double>> roc = {{0, .5}, {1, 1}};
  EXPECT_EQ(megaface_result_json(cmc, roc), "{\"cmc\":[[0,2],[0.5,0.75]],\"roc\":[[0.0,1.0],[0.5,1.0]]}\n");
}

TEST(IjbFiles, AreReadAndDamageIsNamedByLine) {
  const std::string points = "1.jpg 1 2 3 4 5 6 7 8 9 10 0.9\n2.jpg 1 2 3 4 5 6 7 8 9 10 0.5\n";
  const auto faces = parse_ijb_faces("1.jpg 7 70\n2.jpg 7 71\n1.jpg 8 70\n", "tid", points, "pts");
  ASSERT_EQ(faces.faces.size(), 3u);
  EXPECT_EQ(faces.faces[1].row, 1);
  EXPECT_EQ(faces.faces[2].template_id, 8);
  EXPECT_FLOAT_EQ(faces.score[1], .5f);
  EXPECT_FLOAT_EQ(faces.landmarks[0][9], 10);
  expect_fault([&] { parse_ijb_faces("3.jpg 7 70\n", "tid", points, "pts"); }, "tid:1");
  expect_fault([&] { parse_ijb_faces("1.jpg 7\n", "tid", points, "pts"); }, "tid:1");
  expect_fault([&] { parse_ijb_faces("1.jpg 7 1\n", "tid", points + "1.jpg 1 2 3\n", "pts"); }, "pts:3");
  expect_fault([&] { parse_ijb_faces("1.jpg 7 1\n", "tid", "1.jpg nan 2 3 4 5 6 7 8 9 10 1\n", "pts"); }, "pts:1");
  const auto pairs = parse_template_pairs("1 2 1\r\n3 4 0\n", "pairs");
  ASSERT_EQ(pairs.size(), 2u);
  EXPECT_TRUE(pairs[0].same);
  expect_fault([] { parse_template_pairs("1 2 1\n3 4 2\n", "pairs"); }, "pairs:2");
  expect_fault([] { parse_template_pairs("1 2 1 9\n", "pairs"); }, "pairs:1");
  const auto subjects = parse_template_subjects("TEMPLATE_ID,SUBJECT_ID,X\n1,5,a\n1,5,b\n2,6,c\n", "g.csv");
  EXPECT_EQ(subjects, (std::map<int64_t, int64_t>{{1, 5}, {2, 6}}));
  expect_fault([] { parse_template_subjects("h\n1,5,a\n1,6,b\n", "g.csv"); }, "g.csv:3");
}

TEST(FaceReaders, MutationsEndInAnErrorOrAList) {
  const std::vector<std::string> seeds = {
      "2\t1\nA\t1\t2\nA\t1\tB\t3\nB\t2\t3\nC\t1\tB\t1\n",
      "a_1.jpg 1\na_2.jpg 1\nb_1.jpg 0\nc_2.jpg 0\n",
      megaface_feature_bytes(std::vector<float>{1, 2}),
      "1 2 1\n3 4 0\n",
      "T,S\n1,5\n",
      R"({"path": ["a", "b"], "id": ["x", "y"]})",
      test::from_hex("80035d7100284304ffd8ffd971014305ffd800ffd97102655d710388618671042e")};
  for (uint64_t i = 0; i < 3000; ++i) {
    Random random(1, "face-mutations", i);
    std::string text = seeds[i % seeds.size()];
    for (uint64_t change = 1 + random.below(4); change > 0 && !text.empty(); --change) {
      const size_t at = random.below(text.size());
      switch (random.below(3)) {
        case 0: text[at] = static_cast<char>(random.below(256)); break;
        case 1: text.erase(at, 1 + random.below(8)); break;
        default: text.insert(at, text.substr(at, 1 + random.below(8)));
      }
    }
    const auto run = [&](const auto& reader) {
      try {
        reader();
      } catch (const Error& e) {
        EXPECT_EQ(e.code(), ErrorCode::kData) << e.what();
      }
    };
    run([&] { parse_lfw_pairs(text, "m"); });
    run([&] { parse_two_line_pairs(text, "m"); });
    run([&] { parse_megaface_feature(text, "m"); });
    run([&] { parse_template_pairs(text, "m"); });
    run([&] { parse_template_subjects(text, "m"); });
    run([&] { parse_megaface_list(text, "m"); });
    run([&] { parse_bin_file(text, "m"); });
  }
}

}  // namespace
}  // namespace winnow
