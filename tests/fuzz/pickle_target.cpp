#include <string_view>

#include "src/core/error.h"
#include "src/evaluation/pickle.h"
#include "src/evaluation/protocols/revisited.h"
#include "tests/fuzz/targets.h"

namespace winnow::fuzz {

int fuzz_pickle(const uint8_t* data, size_t size) {
  try {
    const auto document = parse_pickle({reinterpret_cast<const char*>(data), size}, "fuzz.pkl");
    require(document->nodes.size() <= size, "each value takes at least one byte of the file");
    const auto truth = revisited_of(*document);
    for (const auto& query : truth.truth)
      for (const int64_t place : query.easy)
        require(place >= 0 && place < static_cast<int64_t>(truth.database.size()), "places are in the database");
  } catch (const Error& e) {
    require(e.code() == ErrorCode::kData && std::string_view(e.what()).substr(0, 18) == "[pickle] fuzz.pkl:",
            "errors name the file");
  }
  return 0;
}

}  // namespace winnow::fuzz
