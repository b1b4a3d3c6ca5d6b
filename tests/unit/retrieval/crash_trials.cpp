// Kills builders at random moments: crash_trials FOLDER TRIALS SEED. Its own program, because a process that has used
// OpenMP cannot fork and use it again; here every build and check happens in a child. Exit status 0 = every state held.
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <functional>
#include <string>

#include "tests/unit/retrieval/support.h"

namespace {

using namespace winnow;

pid_t in_child(const std::function<bool()>& task) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  bool good = false;
  try {
    good = task();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
  }
  ::_exit(good ? 0 : 1);
}

bool succeeded(pid_t pid) {
  int status = 0;
  return ::waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool build(const fs::path& emb, const fs::path& folder) {
  build_index(Embeddings::open(emb), folder, test::of_type("IVF32,Flat"));
  return true;
}

bool opens_and_verifies(const fs::path& folder) {
  const auto index = Index::open(folder);
  const auto hits = index->search(index->vector(7), {.k = 3});
  const auto verified = verify_index(folder, 3, 1);
  for (const auto& problem : verified.problems) std::fprintf(stderr, "%s\n", problem.c_str());
  return verified.ok && hits.front().front().id == 7;
}

int64_t leftovers(const fs::path& folder) {
  int64_t count = 0;
  for (const auto& entry : fs::directory_iterator(folder))
    count += entry.path().string().find(".tmp") != std::string::npos;
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const fs::path work = argv[1], emb = work / "emb", folder = work / "idx";
  const int trials = std::atoi(argv[2]);
  Random random(static_cast<uint64_t>(std::atoi(argv[3])), "kill");
  if (!succeeded(
          in_child([&] { return test::write_embeddings(emb, test::clustered(4000, 32, 8, 1), 32).rows() == 4000; })))
    return 3;
  const auto start = std::chrono::steady_clock::now();
  if (!succeeded(in_child([&] { return build(emb, folder); }))) return 4;
  const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start);
  int unfinished = 0;
  int64_t most_left = 0;
  for (int trial = 0; trial < trials; ++trial) {
    const pid_t builder = in_child([&] { return build(emb, folder); });
    ::usleep(static_cast<useconds_t>(random.below(static_cast<uint64_t>(whole.count()) * 5 / 4)));
    ::kill(builder, SIGKILL);
    unfinished += !succeeded(builder);
    most_left = std::max(most_left, leftovers(folder));
    if (!succeeded(in_child([&] { return opens_and_verifies(folder); }))) {
      std::fprintf(stderr, "trial %d: the index does not open or verify\n", trial);
      return 5;
    }
  }
  if (!succeeded(in_child([&] { return build(emb, folder); })) || leftovers(folder) != 0) return 6;
  std::printf("%d of %d builders were killed in the middle, up to %lld leftovers at once\n", unfinished, trials,
              static_cast<long long>(most_left));
  return unfinished > 0 ? 0 : 7;
}
