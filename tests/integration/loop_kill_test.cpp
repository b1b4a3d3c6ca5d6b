// `winnow loop` as a process that loses its power: killed at random moments, called again, the same result.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <map>
#include <thread>

#include "tests/integration/program.h"
#include "tests/support/temp_dir.h"

namespace winnow::test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::duration;
using std::chrono::milliseconds;

constexpr int kClasses = 5, kShots = 16, kHeldOut = 6;

std::string read_log(const fs::path& folder) { return slurp(folder / "loop.log"); }

/// Noisy training labels and held-out pictures, made once by the program itself.
const fs::path& data() {
  static const TempDir folder;
  static const bool made = [] {
    make_photos(folder / "train", kClasses, kShots);
    for (int c = 0; c < kClasses; ++c)
      for (int s = kShots; s < kShots + kHeldOut; ++s)
        spill(folder / "held-out" / ("class " + std::to_string(c)) / (std::to_string(s) + ".jpg"),
              jpeg_bytes(class_picture(c, s)));
    const Outcome inject = winnow("noise inject " + quote((folder / "train").string()) + " --rate 0.3 --out " +
                                      quote((folder / "noisy.csv").string()),
                                  folder.path());
    EXPECT_EQ(inject.exit, 0) << inject.err;
    return true;
  }();
  EXPECT_TRUE(made);
  return folder.path();
}

pid_t start_loop(const fs::path& out) {
  const std::string program = std::string(WINNOW_BINARY_DIR) + "/bin/winnow";
  const fs::path log = out.parent_path() / "loop.log";
  std::vector<std::string> words{program,
                                 "loop",
                                 "data.train=" + (data() / "noisy.csv").string(),
                                 "data.size=24",
                                 "data.crop_ratio=1",
                                 "data.max_bad=0",
                                 "model.backbone=small_cnn",
                                 "model.dim=16",
                                 "augment.scale_min=0.8",
                                 "training.epochs=6",
                                 "training.batch=16",
                                 "training.learning_rate=0.003",
                                 "training.precision=fp32",
                                 "training.device=cpu",
                                 "--key",
                                 "true_label",
                                 "--queries",
                                 (data() / "held-out").string(),
                                 "--out",
                                 out.string()};
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t pid = fork();
  if (pid != 0) return pid;
  const int file = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  dup2(file, STDOUT_FILENO);
  dup2(file, STDERR_FILENO);
  execv(program.c_str(), argv.data());
  _exit(127);
}

/// @return exit status, 128 + signal for a killed one
int ending(pid_t pid) {
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// Everything that a loop decides and learns, by path; times are left out.
std::map<std::string, std::string> results(const fs::path& out) {
  std::map<std::string, std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(out)) {
    const std::string name = entry.path().filename().string();
    const std::string path = entry.path().lexically_relative(out).string();
    if (name == "model.safetensors" || name == "vectors.npy" || name == "suspects.csv" || name == "decisions.csv" ||
        name == "repaired.csv" || name == "estimate.json" || name == "trust.csv")
      found[path] = slurp(entry.path());
  }
  auto loop = nlohmann::json::parse(slurp(out / "loop.json"));
  loop.erase("report");
  for (auto& step : loop["steps"]) step.erase("seconds");
  found["loop.json"] = loop.dump();
  return found;
}

/// The epochs in the log of a training, in order.
std::vector<int> epochs(const fs::path& metrics) {
  std::vector<int> out;
  std::istringstream lines(slurp(metrics));
  for (std::string line; std::getline(lines, line);)
    if (const auto json = nlohmann::json::parse(line); json["type"] == "epoch") out.push_back(json["epoch"]);
  return out;
}

/// What a reader may find after a kill: every finished document is whole.
void expect_whole_documents(const fs::path& out) {
  if (!fs::exists(out)) return;
  for (const auto& entry : fs::recursive_directory_iterator(out)) {
    if (entry.path().extension() != ".json") continue;
    EXPECT_TRUE(nlohmann::json::accept(slurp(entry.path()))) << entry.path();
  }
}

TEST(LoopKill, GoesOnAfterEveryKillAndEndsWithTheSameBytes) {
  const TempDir whole, killed;
  const auto start = Clock::now();
  ASSERT_EQ(ending(start_loop(whole / "loop")), 0) << read_log(whole.path());
  const double seconds = duration<double>(Clock::now() - start).count();

  Random random(11, "kill");
  int kills = 0, last = -1;
  while (last != 0 && kills < 60) {
    const pid_t loop = start_loop(killed / "loop");
    std::this_thread::sleep_for(duration<double>(seconds * 0.5 * random.uniform()));
    kill(loop, SIGKILL);
    last = ending(loop);
    ASSERT_TRUE(last == 0 || last == 128 + SIGKILL) << last << "\n" << read_log(killed.path());
    kills += last != 0;
    expect_whole_documents(killed / "loop");
  }
  ASSERT_EQ(last, 0) << "not finished after " << kills << " kills";
  EXPECT_GE(kills, 4) << "the loop ended before it was hit often enough to mean anything";
  std::cout << kills << " kills; a whole loop takes " << seconds << " s\n";

  const auto expected = results(whole / "loop"), got = results(killed / "loop");
  ASSERT_GE(expected.size(), 3u * 3 + 4 + 1);  // models, vectors, queries of three trainings; the repair; the summary
  for (const auto& [path, bytes] : expected) {
    ASSERT_TRUE(got.contains(path)) << path;
    EXPECT_TRUE(got.at(path) == bytes) << path << " differs after " << kills << " kills";
  }
  EXPECT_EQ(got.size(), expected.size());
  for (const char* run : {"given", "round-1/robust", "round-1/retrained"})
    EXPECT_EQ(epochs(killed / "loop" / run / "metrics.jsonl"), epochs(whole / "loop" / run / "metrics.jsonl")) << run;
  EXPECT_GT(fs::file_size(killed / "loop" / "report.html"), 1000u);
}

}  // namespace
}  // namespace winnow::test
