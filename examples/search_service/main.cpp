// search_service INDEX ITEM_ID [K]: prints the items most like one item of an index.
#include <cstdio>
#include <cstdlib>

#include "retrieval/index.h"
#include "src/core/error.h"

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: %s INDEX ITEM_ID [K]\n", argv[0]);
    return 2;
  }
  try {
    const auto index = winnow::Index::open(argv[1]);
    winnow::SearchOptions options;
    options.exclude = std::atoll(argv[2]);
    if (argc > 3) options.k = std::atoll(argv[3]);
    const auto hits = index->search(index->vector(*options.exclude), options).at(0);
    for (const auto& hit : hits) {
      const auto item = index->item(hit.id);
      std::printf("%.4f  %lld  %s  %s\n", double(hit.score), static_cast<long long>(hit.id), item.label.c_str(),
                  item.path.c_str());
    }
    return 0;
  } catch (const winnow::Error& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return winnow::exit_code(e.code());
  }
}
