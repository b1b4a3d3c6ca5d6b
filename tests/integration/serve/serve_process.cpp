#include "tests/integration/serve/serve_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>

#include "tests/integration/program.h"
#include "tests/support/temp_dir.h"

namespace winnow::test {
namespace {

void must(const std::string& arguments, const fs::path& scratch) {
  const Outcome outcome = winnow(arguments, scratch);
  if (outcome.exit != 0) {
    ADD_FAILURE() << "winnow " << arguments << " gave " << outcome.exit << "\n" << outcome.err;
    std::abort();
  }
}

}  // namespace

const fs::path& shop_folder() {
  static const TempDir folder;
  static const bool made = [] {
    make_photos(folder / "photos", 6, 8);
    // Nothing is to be learnt: an epoch is the way to a model folder.
    must("train data.train=" + quote((folder / "photos").string()) +
             " data.size=32 model.backbone=small_cnn model.dim=16 training.epochs=1 training.batch=8 --quiet --out " +
             quote((folder / "run").string()),
         folder.path());
    must("embed " + quote((folder / "photos").string()) + " --model " + quote((folder / "run" / "model").string()) +
             " --out " + quote((folder / "emb").string()) + " --quiet",
         folder.path());
    must("index build " + quote((folder / "emb").string()) + " --out " + quote((folder / "idx").string()),
         folder.path());
    return true;
  }();
  EXPECT_TRUE(made);
  return folder.path();
}

fs::path copy_of_index(const fs::path& to) {
  fs::copy(shop_folder() / "idx", to, fs::copy_options::recursive);
  return to;
}

ServeProcess::ServeProcess(const fs::path& index, const std::vector<std::string>& more, bool writable) {
  static std::atomic<int> number{0};
  log_ = shop_folder() / ("serve-" + std::to_string(number++) + ".log");
  int out[2];
  if (pipe(out) != 0) std::abort();
  pid_ = fork();
  if (pid_ == 0) {
    dup2(out[1], STDOUT_FILENO);
    close(out[0]);
    const int err = open(log_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    dup2(err, STDERR_FILENO);
    if (writable)
      setenv("WINNOW_TOKEN", kToken, 1);
    else
      unsetenv("WINNOW_TOKEN");
    const std::string program = std::string(WINNOW_BINARY_DIR) + "/bin/winnow";
    std::vector<std::string> words{program, "serve", index.string(), "--port", "0", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    execv(program.c_str(), argv.data());
    _exit(127);
  }
  close(out[1]);
  std::string text;
  char c = 0;
  while (text.find('}') == std::string::npos && read(out[0], &c, 1) == 1) text += c;
  close(out[0]);
  if (text.empty()) {
    ADD_FAILURE() << "the server did not start:\n" << log();
    return;
  }
  const std::string url = nlohmann::json::parse(text)["url"];
  port_ = std::stoi(url.substr(url.rfind(':') + 1));
}

ServeProcess::~ServeProcess() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  wait();
}

void ServeProcess::signal(int number) const { kill(pid_, number); }

int ServeProcess::wait() {
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string ServeProcess::log() const { return slurp(log_); }

}  // namespace winnow::test
