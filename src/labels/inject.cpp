#include "src/labels/inject.h"

#include <cmath>
#include <numeric>
#include <string>

#include "src/core/error.h"
#include "src/core/random.h"
#include "src/core/text.h"

namespace winnow {
namespace {

void check(std::span<const int64_t> labels, int64_t classes, const InjectOptions& options) {
  const std::vector<std::string> types = {"symmetric", "pair"};
  if (options.type != "symmetric" && options.type != "pair") {
    const auto near = nearest_name(options.type, types);
    throw Error(ErrorCode::kUsage, "[noise] the type must be symmetric or pair, got '" + options.type + "'" +
                                       (near ? " (did you mean '" + *near + "'?)" : ""));
  }
  if (!(options.rate >= 0.0 && options.rate <= 1.0))
    throw Error(ErrorCode::kUsage, "[noise] the rate must be in 0..1, got " + std::to_string(options.rate));
  if (classes < 2)
    throw Error(ErrorCode::kData, "[noise] at least 2 classes are required, got " + std::to_string(classes));
  for (size_t row = 0; row < labels.size(); ++row)
    if (labels[row] < 0 || labels[row] >= classes)
      throw Error(ErrorCode::kData, "[noise] row " + std::to_string(row) + ": the label must be in 0.." +
                                        std::to_string(classes - 1) + ", got " + std::to_string(labels[row]));
}

}  // namespace

InjectedLabels inject_noise(std::span<const int64_t> labels, int64_t classes, const InjectOptions& options) {
  check(labels, classes, options);
  InjectedLabels out;
  out.labels.assign(labels.begin(), labels.end());
  const size_t n = labels.size();
  out.changed = std::llround(options.rate * static_cast<double>(n));
  std::vector<size_t> rows(n);
  std::iota(rows.begin(), rows.end(), size_t{0});
  Random pick(options.seed, "noise-rows");
  for (size_t i = 0; i < static_cast<size_t>(out.changed); ++i) {
    std::swap(rows[i], rows[i + pick.below(n - i)]);
    int64_t& label = out.labels[rows[i]];
    if (options.type == "pair") {
      label = (label + 1) % classes;
      continue;
    }
    // Keyed by the row, so that the same row gets the same wrong label at every rate.
    const auto other =
        static_cast<int64_t>(Random(options.seed, "noise-label", rows[i]).below(static_cast<uint64_t>(classes - 1)));
    label = other < label ? other : other + 1;
  }
  if (n > 0) out.realised_rate = static_cast<double>(out.changed) / static_cast<double>(n);
  return out;
}

}  // namespace winnow
