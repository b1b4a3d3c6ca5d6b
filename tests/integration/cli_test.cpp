// The program as a user meets it: the five commands of the README on a small folder, and every kind of bad input.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <thread>

#include "src/core/npy.h"
#include "tests/integration/program.h"
#include "tests/support/temp_dir.h"

namespace winnow::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kClasses = 6, kShots = 8;

/// One trained model, embedding and index for all tests of the suite.
class Cli : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    dir_ = new TempDir;
    make_photos(*dir_ / "my photos", kClasses, kShots);
    expect_ok("train " + recipe() + " --out " + q("run"));
    expect_ok("embed " + q("my photos") + " --model " + q("run/model") + " --out " + q("emb"));
    expect_ok("index build " + q("emb") + " --out " + q("idx"));
  }
  static void TearDownTestSuite() {
    delete dir_;
    dir_ = nullptr;
  }

  static std::string q(const std::string& name) { return quote((*dir_ / name).string()); }
  static fs::path at(const std::string& name) { return *dir_ / name; }
  static Outcome run(const std::string& arguments) { return winnow(arguments, dir_->path()); }
  static void expect_ok(const std::string& arguments) {
    const Outcome o = run(arguments);
    ASSERT_EQ(o.exit, 0) << arguments << "\n" << o.err << o.out;
  }
  static std::string recipe() {
    return "data.train=" + q("my photos") +
           " data.size=32 model.backbone=small_cnn model.dim=16 training.epochs=2 training.batch=8 "
           "training.precision=fp32 training.validate_every=0 augment.scale_min=0.8";
  }
  static std::string photo(int c, int s) {
    return q("my photos/class " + std::to_string(c) + "/shot " + std::to_string(s) + ".jpg");
  }

  static TempDir* dir_;
};
TempDir* Cli::dir_ = nullptr;

TEST_F(Cli, FiveCommandsFindThePictureItself) {
  const Outcome check = run("data check " + q("my photos") + " --json");
  ASSERT_EQ(check.exit, 0) << check.err;
  EXPECT_EQ(check.json()["usable"], kClasses * kShots);
  const Outcome query = run("query " + q("idx") + " --image " + photo(2, 3) + " -k 3 --json");
  ASSERT_EQ(query.exit, 0) << query.err;
  const auto hits = query.json()["queries"][0]["hits"];
  ASSERT_EQ(hits.size(), 3u);
  EXPECT_EQ(hits[0]["path"], "class 2/shot 3.jpg");
  EXPECT_EQ(hits[0]["rank"], 1);
  EXPECT_NEAR(hits[0]["score"].get<double>(), 1.0, 1e-3);
}

TEST_F(Cli, EvaluationHasTheContractedDocumentAndGates) {
  const Outcome eval = run("eval retrieval --queries " + q("emb") + " --json --report " + q("eval.html") +
                           " --per-query " + q("queries.csv"));
  ASSERT_EQ(eval.exit, 0) << eval.err;
  const auto j = eval.json();
  for (const char* name : {"recall@1", "map@r", "ap.finite", "ap.trapezoid", "r_precision", "mrr", "precision@5"})
    EXPECT_TRUE(j["metrics"].contains(name)) << name;
  EXPECT_EQ(j["queries"], kClasses * kShots);
  EXPECT_EQ(j["gallery"], kClasses * kShots);
  EXPECT_GT(j["peak_rss_bytes"].get<double>(), 1e6);
  EXPECT_THAT(slurp(at("eval.html")), HasSubstr("<svg"));
  EXPECT_EQ(run("eval retrieval --queries " + q("emb") + " --require 'recall@1>=0.0'").exit, 0);
  const Outcome gate = run("eval retrieval --queries " + q("emb") + " --require 'recall@1>=1.5'");
  EXPECT_EQ(gate.exit, 6);
  EXPECT_THAT(gate.err, HasSubstr("recall@1>=1.5"));
}

TEST_F(Cli, ReportShowsThePicturesBehindTheErrors) {
  // Half of the labels are wrong, so there are errors to show.
  expect_ok("noise inject " + q("my photos") + " --rate 0.5 --out " + q("half.csv"));
  expect_ok("embed " + q("half.csv") + " --model " + q("run/model") + " --out " + q("half"));
  expect_ok("eval retrieval --queries " + q("half") + " --report " + q("half.html"));
  EXPECT_THAT(slurp(at("half.html")), HasSubstr("data:image/jpeg;base64,"));
}

TEST_F(Cli, RunFolderIsComplete) {
  for (const char* name : {"config.yaml", "metrics.jsonl", "provenance.json", "report.html", "model/model.safetensors",
                           "model/card.json", "checkpoints/last"})
    EXPECT_TRUE(fs::exists(at("run") / name)) << name;
  EXPECT_EQ(run("config check " + q("run/config.yaml")).exit, 0);
  EXPECT_EQ(run("model info " + q("run/model") + " --json").json()["dim"], 16);
}

TEST_F(Cli, ItemAndVectorQueriesAgree) {
  const Outcome item = run("query " + q("idx") + " --item 9 -k 4 --json");
  ASSERT_EQ(item.exit, 0) << item.err;
  const NpyFile vectors(at("emb") / "vectors.npy");
  const int64_t dim = vectors.shape()[1];
  write_npy(at("nine.npy"), vectors.float32().subspan(static_cast<size_t>(9 * dim), static_cast<size_t>(dim)), 1, dim);
  const Outcome vector = run("query " + q("idx") + " --vector " + q("nine.npy") + " -k 5 --json");
  ASSERT_EQ(vector.exit, 0) << vector.err;
  const auto a = item.json()["queries"][0]["hits"], b = vector.json()["queries"][0]["hits"];
  EXPECT_EQ(b[0]["id"], 9);
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(a[i]["id"], b[i + 1]["id"]);
}

TEST_F(Cli, WhereFiltersAndRefusesNonsense) {
  const Outcome o = run("query " + q("idx") + " --item 0 -k 40 --where \"label = 'class 3'\" --json");
  ASSERT_EQ(o.exit, 0) << o.err;
  EXPECT_EQ(o.json()["queries"][0]["hits"].size(), static_cast<size_t>(kShots));
  const Outcome bad = run("query " + q("idx") + " --item 0 --where \"colour = 'red'\"");
  EXPECT_EQ(bad.exit, 4);
  EXPECT_THAT(bad.err, HasSubstr("colour"));
}

TEST_F(Cli, UsageErrorsExitTwoWithASuggestion) {
  const Outcome verb = run("quary idx");
  EXPECT_EQ(verb.exit, 2);
  EXPECT_THAT(verb.err, HasSubstr("did you mean 'query'"));
  EXPECT_EQ(run("query").exit, 2);
  EXPECT_EQ(run("query " + q("idx")).exit, 2);
  EXPECT_EQ(run("eval retrieval --queries " + q("emb") + " --require nonsense").exit, 2);
}

TEST_F(Cli, MisspeltAndDuplicateKeysNameTheirPlace) {
  spill(at("typo.yaml"),
        "data:\n  train: photos\nloss:\n  name: arcface\n  marign: 0.3\ntraining:\n  epochs: 3\n  epochs: 4\n");
  const Outcome o = run("config check " + q("typo.yaml"));
  EXPECT_EQ(o.exit, 3);
  EXPECT_THAT(o.err, HasSubstr("typo.yaml:5:3"));
  EXPECT_THAT(o.err, HasSubstr("did you mean 'margin'"));
  EXPECT_THAT(o.err, HasSubstr("typo.yaml:8:3"));
}

TEST_F(Cli, MissingFilesSayWhatIsMissing) {
  EXPECT_EQ(run("train " + q("no.yaml") + " --out " + q("r2")).exit, 4);
  EXPECT_EQ(run("embed " + q("nowhere") + " --model " + q("run/model") + " --out " + q("e2")).exit, 4);
  const Outcome o = run("query " + q("no-index") + " --item 1");
  EXPECT_EQ(o.exit, 4);
  EXPECT_THAT(o.err, HasSubstr("no-index"));
}

TEST_F(Cli, BadPicturesAreNamedAndTheRestIsUsed) {
  const fs::path root = at("mixed");
  make_photos(root, 2, 3);
  const std::string good = jpeg_bytes(class_picture(0, 0));
  spill(root / "class 0" / "cut.jpg", good.substr(0, good.size() / 2));
  // A PNG header that claims 60,000 x 60,000 pixels.
  spill(root / "class 1" / "bomb.png",
        std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xea\x60\0\0\xea\x60\x08\2\0\0\0\0\0\0\0", 33));
  spill(root / "class 1" / "bad \xff name.jpg", good);
  fs::create_directories(root / "empty class");
  const Outcome o = run("data check " + q("mixed") + " --json");
  ASSERT_EQ(o.exit, 0) << o.err;
  const auto j = o.json();
  EXPECT_EQ(j["usable"], 7);
  ASSERT_EQ(j["rejected"].size(), 2u);
  const std::string reasons = j["rejected"].dump();
  EXPECT_THAT(reasons, HasSubstr("cut.jpg"));
  EXPECT_THAT(reasons, HasSubstr("bomb.png"));
  EXPECT_EQ(j["empty_classes"][0], "empty class");
}

TEST_F(Cli, TooManyBadPicturesStopAnEmbedding) {
  const fs::path root = at("broken");
  make_photos(root, 2, 2);
  spill(root / "class 0" / "no picture.jpg", "not a picture");
  const std::string base = "embed " + q("broken") + " --model " + q("run/model") + " --out " + q("e3");
  const Outcome strict = run(base);
  EXPECT_EQ(strict.exit, 4);
  EXPECT_THAT(strict.err, HasSubstr("no picture.jpg"));
  EXPECT_FALSE(fs::exists(at("e3") / "card.json"));
  const Outcome lenient = run(base + " --max-bad 0.5 --json");
  ASSERT_EQ(lenient.exit, 0) << lenient.err;
  EXPECT_EQ(lenient.json()["images"], 4);
  EXPECT_EQ(lenient.json()["bad"].size(), 1u);
}

TEST_F(Cli, OnePictureAndOneClassAreExplained) {
  make_photos(at("lonely"), 1, 1);
  EXPECT_EQ(run("data check " + q("lonely")).exit, 0);
  const Outcome init = run("init " + q("lonely") + " --out " + q("lonely.yaml"));
  EXPECT_EQ(init.exit, 4);
  EXPECT_THAT(init.err, HasSubstr("two classes"));
  expect_ok("embed " + q("lonely") + " --model " + q("run/model") + " --out " + q("lonely-emb"));
  expect_ok("index build " + q("lonely-emb") + " --out " + q("lonely-idx"));
  EXPECT_EQ(run("query " + q("lonely-idx") + " --image " + photo(0, 0) + " --json").json()["queries"][0]["hits"].size(),
            1u);
}

TEST_F(Cli, CsvWithWrongColumnsNamesThem) {
  spill(at("list.csv"), "file,product\na.jpg,x\n");
  const Outcome o = run("data check " + q("list.csv"));
  EXPECT_EQ(o.exit, 4);
  EXPECT_THAT(o.err, HasSubstr("path"));
  EXPECT_THAT(o.err, HasSubstr("file, product"));
}

TEST_F(Cli, BareFileNamesMeanTheCurrentFolder) {
  spill(at("bare/a.jpg"), jpeg_bytes(class_picture(0, 0)));
  spill(at("bare/b.jpg"), jpeg_bytes(class_picture(1, 0)));
  spill(at("bare/list.csv"), "path,label\na.jpg,x\nb.jpg,y\n");
  const std::string program = std::string(WINNOW_BINARY_DIR) + "/bin/winnow", cd = "cd " + q("bare") + " && ";
  EXPECT_EQ(std::system((cd + program + " data check list.csv -q >/dev/null").c_str()), 0);
  EXPECT_EQ(std::system((cd + program + " query " + q("idx") + " --image a.jpg --html r.html -q >/dev/null").c_str()),
            0);
  EXPECT_THAT(slurp(at("bare/r.html")), HasSubstr("data:image/jpeg;base64,"));
}

TEST_F(Cli, NanVectorIsRefused) {
  std::vector<float> v(16, 0.1f);
  v[3] = std::nanf("");
  write_npy(at("nan.npy"), v, 1, 16);
  const Outcome o = run("query " + q("idx") + " --vector " + q("nan.npy"));
  EXPECT_EQ(o.exit, 4);
  v.resize(8);
  write_npy(at("short.npy"), std::vector<float>(8, 0.1f), 1, 8);
  EXPECT_EQ(run("query " + q("idx") + " --vector " + q("short.npy")).exit, 4);
}

TEST_F(Cli, FlippedAndTruncatedIndexFilesAreRefused) {
  const auto spoil = [&](const std::string& name, auto change) {
    fs::copy(at("idx"), at(name), fs::copy_options::recursive);
    for (const auto& entry : fs::recursive_directory_iterator(at(name)))
      if (entry.path().filename() == "vectors.faiss") {
        std::string bytes = slurp(entry.path());
        change(bytes);
        spill(entry.path(), bytes);
      }
    return run("query " + q(name) + " --item 1");
  };
  const Outcome flipped =
      spoil("flipped", [](std::string& b) { b[b.size() / 2] = static_cast<char>(b[b.size() / 2] ^ 1); });
  EXPECT_EQ(flipped.exit, 4);
  EXPECT_THAT(flipped.err, HasSubstr("vectors.faiss"));
  EXPECT_EQ(spoil("cut", [](std::string& b) { b.resize(b.size() / 2); }).exit, 4);
  EXPECT_NE(run("index verify " + q("flipped")).exit, 0);
}

TEST_F(Cli, WrongModelForAnIndexExitsSeven) {
  expect_ok("train " + recipe() + " training.seed=99 --out " + q("other"));
  const Outcome o = run("query " + q("idx") + " --image " + photo(0, 0) + " --model " + q("other/model"));
  EXPECT_EQ(o.exit, 7);
  EXPECT_THAT(o.err, HasSubstr("winnow index build"));
}

TEST_F(Cli, ErrorsAreDocumentsWithJson) {
  const Outcome o = run("query " + q("idx") + " --item 12345 --json");
  EXPECT_EQ(o.exit, 4);
  EXPECT_EQ(o.json()["error"]["exit"], 4);
}

TEST_F(Cli, InterruptSavesAndResumeFinishes) {
  const std::string command = std::string(WINNOW_BINARY_DIR) + "/bin/winnow train " + recipe() +
                              " training.epochs=400 --out " + q("long") + " >/dev/null 2>" + q("long.err") +
                              " & echo $! >" + q("long.pid") + "; wait $!; echo $? >" + q("long.exit");
  std::thread runner([&] { std::ignore = std::system(("bash -c " + quote(command)).c_str()); });
  for (int i = 0; i < 600 && slurp(at("long") / "metrics.jsonl").find("\"epoch\"") == std::string::npos; ++i)
    usleep(50000);
  ASSERT_EQ(kill(static_cast<pid_t>(std::stol(slurp(at("long.pid")))), SIGINT), 0);
  runner.join();
  EXPECT_EQ(std::stoi(slurp(at("long.exit"))), 130) << slurp(at("long.err"));
  EXPECT_THAT(slurp(at("long.err")), HasSubstr("--resume"));
  EXPECT_TRUE(fs::exists(at("long") / "checkpoints" / "last"));
}

TEST_F(Cli, KilledTrainingResumesFromItsCheckpoint) {
  const std::string command = std::string(WINNOW_BINARY_DIR) + "/bin/winnow train " + recipe() +
                              " training.epochs=6 --out " + q("killed") +
                              " >/dev/null 2>&1 & P=$!; for i in $(seq 600); do [ -e " + q("killed/checkpoints/last") +
                              " ] && break; sleep 0.05; done; kill -9 $P";
  std::ignore = std::system(("bash -c " + quote(command)).c_str());
  ASSERT_TRUE(fs::exists(at("killed") / "checkpoints" / "last"));
  const Outcome o = run("train " + recipe() + " training.epochs=6 --out " + q("killed") + " --resume --json");
  ASSERT_EQ(o.exit, 0) << o.err;
  EXPECT_EQ(o.json()["epochs"], 6);
}

TEST_F(Cli, FullDiskIsNamedAndLeavesNothing) {
  const fs::path disk = at("small-disk");
  fs::create_directories(disk);
  if (std::system(("mount -t tmpfs -o size=64k tmpfs " + quote(disk.string()) + " 2>/dev/null").c_str()) != 0)
    GTEST_SKIP() << "a tmpfs cannot be mounted here";
  const Outcome o =
      run("embed " + q("my photos") + " --model " + q("run/model") + " --out " + quote((disk / "emb").string()));
  const Outcome index = run("train " + recipe() + " --out " + quote((disk / "run").string()));
  EXPECT_EQ(index.exit, 5) << index.err;
  EXPECT_THAT(index.err, HasSubstr("small-disk"));
  std::ignore = std::system(("umount " + quote(disk.string())).c_str());
}

TEST_F(Cli, ListsAndDoctorSpeakJson) {
  const auto losses = run("list losses --json").json();
  ASSERT_GE(losses.size(), 4u);
  for (const auto& loss : losses)
    for (const char* key : {"name", "summary", "paper", "options"}) EXPECT_TRUE(loss.contains(key)) << loss.dump();
  const Outcome doctor = run("doctor --json");
  EXPECT_EQ(doctor.exit, 0) << doctor.out;
  EXPECT_TRUE(doctor.json()["ok"]);
}

TEST_F(Cli, InjectedNoiseTrainsAndKeepsTheTruth) {
  const Outcome o = run("noise inject " + q("my photos") + " --type symmetric --rate 0.25 --seed 7 --out " +
                        q("noisy.csv") + " --json");
  ASSERT_EQ(o.exit, 0) << o.err;
  EXPECT_EQ(o.json()["changed"], kClasses * kShots / 4);
  EXPECT_THAT(slurp(at("noisy.csv")), HasSubstr("true_label"));
  expect_ok("data check " + q("noisy.csv"));
}

}  // namespace
}  // namespace winnow::test
