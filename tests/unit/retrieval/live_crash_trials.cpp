// Kills a writer at random moments: live_crash_trials FOLDER TRIALS SEED. The writer adds, updates, removes and
// compacts, and says on a pipe which batch was accepted; what was accepted must be there afterwards, and the one batch
// in flight as a whole or not at all. Exit status 0 = every state held.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <optional>

#include "retrieval/live_index.h"
#include "tests/unit/retrieval/support.h"

namespace {

using namespace winnow;

constexpr int64_t kDim = 8, kIds = 60;

/// State as id -> version; the vector and path of an item follow from both.
using State = std::map<int64_t, int64_t>;

std::vector<float> vector_of(int64_t id, int64_t version) {
  Random random(9, "crash.vector", static_cast<uint64_t>(id), static_cast<uint64_t>(version));
  std::vector<float> v;
  for (int64_t d = 0; d < kDim; ++d) v.push_back(static_cast<float>(random.normal()));
  return v;
}

ItemWrite write_of(int64_t id, int64_t version) {
  return {{id, std::to_string(version), "x", {}}, vector_of(id, version)};
}

/// Batch number n: three upserts, or two removals; a function of n alone.
struct Batch {
  bool remove;
  std::vector<int64_t> ids;
};

Batch batch(int64_t n) {
  Random random(10, "crash.batch", static_cast<uint64_t>(n));
  Batch b{random.chance(0.3), {}};
  while (b.ids.size() < (b.remove ? 2u : 3u)) {
    const auto id = static_cast<int64_t>(random.below(kIds));
    if (std::find(b.ids.begin(), b.ids.end(), id) == b.ids.end()) b.ids.push_back(id);
  }
  return b;
}

void apply(State& state, int64_t n) {
  const auto b = batch(n);
  for (const int64_t id : b.ids) {
    if (b.remove) {
      state.erase(id);
    } else {
      state[id] = n;
    }
  }
}

State read_state(const Index& index) {
  State state;
  for (const int64_t id : index.ids()) {
    const auto item = index.item(id);
    const int64_t version = std::atoll(item.path.c_str());
    const auto vector = index.vector(id), wanted = vector_of(id, version);
    if (test::naive_cosine(vector.data(), wanted.data(), kDim) < 0.99999) return {{-1, id}};  // half-written
    state[id] = version;
  }
  return state;
}

[[noreturn]] void write_for_ever(const fs::path& folder, int64_t next, int pipe) {
  const auto index = LiveIndex::open(folder);
  for (int64_t n = next;; ++n) {
    const auto b = batch(n);
    if (b.remove) {
      index->remove(b.ids);
    } else {
      std::vector<ItemWrite> items;
      for (const int64_t id : b.ids) items.push_back(write_of(id, n));
      index->upsert(items);
    }
    if (::write(pipe, &n, sizeof n) != sizeof n) ::_exit(1);
    if (n % 7 == 0 && index->view()->size() > 0) index->compact();
  }
}

pid_t in_child(const std::function<int()>& task) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  int status = 1;
  try {
    status = task();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
  }
  ::_exit(status);
}

int status_of(pid_t pid) {
  int status = 0;
  return ::waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// 10 = holds the accepted batches, 11 = holds the batch in flight too, else wrong.
int check(const fs::path& folder, const State& accepted, int64_t in_flight) {
  if (!verify_index(folder, 5, 1).ok) return 2;
  const auto found = read_state(*Index::open(folder));
  if (found == accepted) return 10;
  State further = accepted;
  apply(further, in_flight);
  return found == further ? 11 : 3;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const fs::path work = argv[1], folder = work / "idx";
  const int trials = std::atoi(argv[2]);
  Random random(static_cast<uint64_t>(std::atoi(argv[3])), "kill");
  State accepted;
  for (int64_t id = 0; id < kIds; ++id) accepted[id] = 0;
  const auto build = [&] {
    std::vector<float> rows;
    std::vector<EmbeddedItem> items;
    for (int64_t id = 0; id < kIds; ++id) {
      const auto v = vector_of(id, 0);
      rows.insert(rows.end(), v.begin(), v.end());
      items.push_back({id, "0", "x", {}});
    }
    build_index(test::write_embeddings(work / "emb", rows, kDim, items), folder, test::of_type("flat"));
    return 0;
  };
  if (status_of(in_child(build)) != 0) return 3;
  int64_t next = 1;
  int in_flight_kept = 0;
  for (int trial = 0; trial < trials; ++trial) {
    int ends[2];
    if (::pipe(ends) != 0) return 4;
    const pid_t writer = in_child([&]() -> int { write_for_ever(folder, next, ends[1]); });
    ::close(ends[1]);
    ::usleep(static_cast<useconds_t>(random.below(250'000)));
    ::kill(writer, SIGKILL);
    if (status_of(writer) != -1) return 5;  // it must not have ended by itself
    for (int64_t n = 0; ::read(ends[0], &n, sizeof n) == sizeof n;) {
      apply(accepted, n);
      next = n + 1;
    }
    ::close(ends[0]);
    const int held = status_of(in_child([&] { return check(folder, accepted, next); }));
    if (held != 10 && held != 11) {
      std::fprintf(stderr, "trial %d: state %d after %lld batches\n", trial, held, static_cast<long long>(next - 1));
      return 6;
    }
    if (held == 11) apply(accepted, next++), ++in_flight_kept;
  }
  std::printf("%d writers killed, %lld batches accepted, all of them there; %d batches in flight were kept whole\n",
              trials, static_cast<long long>(next - 1), in_flight_kept);
  return next > trials ? 0 : 7;
}
