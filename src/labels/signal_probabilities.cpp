#include <fmt/format.h>

#include <algorithm>

#include "src/core/parallel.h"
#include "src/labels/signals.h"
#include "src/labels/squared_share.h"

namespace winnow {
namespace {

int32_t best_other(const float* p, int64_t classes, int64_t label) {
  int32_t best = -1;
  for (int64_t k = 0; k < classes; ++k)
    if (k != label && (best < 0 || p[k] > p[best])) best = static_cast<int32_t>(k);
  return best;
}

}  // namespace

Signal probability_signal(const Probabilities& probabilities, const GivenLabels& given) {
  check_shapes(probabilities, given.labels);
  const auto c = static_cast<size_t>(probabilities.classes);
  const auto n = given.labels.size();
  const auto frequency = class_frequencies(given.labels, probabilities.classes);
  Signal out{"probabilities", std::vector<float>(n), std::vector<int32_t>(n), {}};
  parallel_for(
      probabilities.rows,
      [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          const float* p = probabilities.row(i);
          const int64_t label = given.labels[static_cast<size_t>(i)];
          double squares = 0, sum = 0, least = 0;
          for (size_t k = 0; k < c; ++k) {
            squares += static_cast<double>(p[k]) * p[k];
            sum += p[k];
            least = std::min<double>(least, p[k]);
          }
          check_row({.sum = static_cast<float>(sum), .least = static_cast<float>(least)}, i);
          const double own = static_cast<double>(p[label]) * p[label] / squares;
          out.wrong[static_cast<size_t>(i)] = wrong_by_share(own, frequency[static_cast<size_t>(label)]);
          out.suggested[static_cast<size_t>(i)] = best_other(p, probabilities.classes, label);
        }
      },
      0, 4096);
  out.reason = [probabilities, given](int64_t i) {
    const float* p = probabilities.row(i);
    const int64_t label = given.labels[static_cast<size_t>(i)];
    const int32_t other = best_other(p, probabilities.classes, label);
    if (other < 0) return std::string("there is one class only");
    return fmt::format("the classifier gives {} {:.0f} % and {} {:.0f} %", given.name(label), 100 * p[label],
                       given.name(other), 100 * p[other]);
  };
  return out;
}

}  // namespace winnow
