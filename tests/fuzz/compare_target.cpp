#include <cmath>

#include "src/evaluation/compare_files.h"
#include "tests/fuzz/targets.h"

namespace winnow::fuzz {

/// The first byte chooses per-query files or documents; the rest are the two results.
int fuzz_compare(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  static MemoryFolder folder;
  const std::string ending = data[0] % 2 == 0 ? ".csv" : ".json";
  auto texts = parts_of({reinterpret_cast<const char*>(data) + 1, size - 1}, 2);
  if (texts.size() == 1) texts.push_back(texts[0]);
  folder.hold({"a" + ending, "b" + ending}, texts);
  try {
    const auto result = compare_results(folder.path() / ("a" + ending), folder.path() / ("b" + ending), 10);
    require(!result.metrics.empty(), "a comparison has a metric");
    require(result.only_in_a >= 0 && result.only_in_b >= 0, "queries are counted");
    for (const auto& m : result.metrics) require(!std::isnan(m.a) && !std::isnan(m.b), "means are numbers");
  } catch (const Error& e) {
    require_reader_error(e);
  }
  return 0;
}

}  // namespace winnow::fuzz
