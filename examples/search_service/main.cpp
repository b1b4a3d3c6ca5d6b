// A small search service on standard input, one command a line:
//   search_service INDEX [--read-only]
//     like ID [K]         items most like an item
//     remove ID           takes an item out, durably
//     copy ID NEW_ID      puts an item in a second time under another id, durably
//     reload              with --read-only: takes over what another process wrote
//     info | quit
// Searching goes on from any number of threads while others write; see retrieval/live_index.h.
#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>

#include "retrieval/live_index.h"
#include "src/core/error.h"

namespace {

void like(const winnow::LiveIndex& index, int64_t id, int64_t k) {
  winnow::SearchOptions options;
  options.exclude = id;
  options.k = k;
  // One view for both questions, so that a write in between cannot come between them.
  const auto view = index.view();
  const auto hits = view->search(view->vector(id), options);
  for (const auto& hit : hits.front()) {
    const auto item = view->item(hit.id);
    std::printf("%.4f  %lld  %s  %s\n", double(hit.score), static_cast<long long>(hit.id), item.label.c_str(),
                item.path.c_str());
  }
}

void copy(winnow::LiveIndex& index, int64_t id, int64_t new_id) {
  const auto view = index.view();
  winnow::ItemWrite write{view->item(id), view->vector(id)};
  write.item.id = new_id;
  const auto done = index.upsert({&write, 1});
  std::printf("%lld inserted, %lld replaced\n", static_cast<long long>(done.inserted),
              static_cast<long long>(done.replaced));
}

void answer(winnow::LiveIndex& index, const std::string& line) {
  std::istringstream words(line);
  std::string verb;
  int64_t id = 0, second = 0;
  words >> verb >> id >> second;
  if (verb == "like") {
    like(index, id, second > 0 ? second : 10);
  } else if (verb == "remove") {
    std::printf("%lld removed\n", static_cast<long long>(index.remove({&id, 1}).removed));
  } else if (verb == "copy") {
    copy(index, id, second);
  } else if (verb == "reload") {
    std::printf("%s\n", index.reload() ? "changed" : "nothing new");
  } else if (verb == "info") {
    const auto info = index.info();
    std::printf("%lld items, generation %lld, %lld written since\n", static_cast<long long>(info.live),
                static_cast<long long>(info.generation), static_cast<long long>(info.added));
  } else {
    std::printf("like ID [K] | remove ID | copy ID NEW_ID | reload | info | quit\n");
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s INDEX [--read-only]\n", argv[0]);
    return 2;
  }
  try {
    using winnow::LiveIndex;
    const bool read_only = argc > 2 && std::string(argv[2]) == "--read-only";
    const auto index = LiveIndex::open(argv[1], read_only ? LiveIndex::Mode::kRead : LiveIndex::Mode::kWrite);
    for (std::string line; std::getline(std::cin, line) && line != "quit";) {
      try {
        answer(*index, line);
      } catch (const winnow::Error& e) {
        std::printf("%s\n", e.what());
      }
      std::fflush(stdout);
    }
    return 0;
  } catch (const winnow::Error& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return winnow::exit_code(e.code());
  }
}
