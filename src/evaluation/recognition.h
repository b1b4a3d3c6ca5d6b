#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace winnow {

/// One answer of a recognition system.
struct Recognition {
  double confidence;
  std::string query;      ///< key of the query; breaks ties of confidence, ascending
  std::string predicted;  ///< class; breaks what is left
  bool correct;
};

/// gap (micro average precision): all answers in one list by (confidence desc, query asc, class asc); the sum of the
/// precision at each correct answer, over the number of queries that show a landmark (retrieval.md 1.1, GLDv2).
/// @throws Error(kShape) unless queries_with_landmark >= 1 and at least the number of correct answers
double global_average_precision(std::span<const Recognition> answers, int64_t queries_with_landmark);

}  // namespace winnow
