#include "src/evaluation/recognition.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "src/core/error.h"

namespace winnow {

double global_average_precision(std::span<const Recognition> answers, int64_t queries_with_landmark) {
  std::vector<const Recognition*> order;
  for (const auto& answer : answers) order.push_back(&answer);
  std::sort(order.begin(), order.end(), [](const Recognition* a, const Recognition* b) {
    return std::tie(b->confidence, a->query, a->predicted) < std::tie(a->confidence, b->query, b->predicted);
  });
  int64_t correct = 0;
  double sum = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    if (!order[i]->correct) continue;
    ++correct;
    sum += static_cast<double>(correct) / static_cast<double>(i + 1);
  }
  if (queries_with_landmark < 1 || queries_with_landmark < correct)
    throw Error(ErrorCode::kShape, "[evaluation] gap needs the number of queries with a landmark, at least the " +
                                       std::to_string(correct) + " correct answers and 1; given " +
                                       std::to_string(queries_with_landmark));
  return sum / static_cast<double>(queries_with_landmark);
}

}  // namespace winnow
