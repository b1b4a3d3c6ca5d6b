#pragma once

#include <cstdint>
#include <vector>

#include "src/labels/probabilities.h"

namespace winnow::test {

/// A table that needs no random numbers, so that other programs can make the same one: whole numbers by formula,
/// divided by their sum in float32; every sixth label is moved to another class.
struct FormulaTable {
  std::vector<float> values;
  std::vector<int64_t> labels, right;
  int64_t rows, classes;

  FormulaTable(int64_t n, int64_t c) : rows(n), classes(c) {
    for (int64_t i = 0; i < n; ++i) {
      const int64_t t = (i * 13 + i / 7) % c;
      std::vector<int64_t> x;
      int64_t sum = 0;
      for (int64_t j = 0; j < c; ++j) {
        x.push_back((i * 7919 + j * 104729 + i * j * 31 + i * i % 613) % 997 + 1 + (j == t ? 900 : 0));
        sum += x.back();
      }
      for (const int64_t value : x) values.push_back(static_cast<float>(value) / static_cast<float>(sum));
      right.push_back(t);
      labels.push_back(i % 6 == 0 ? (t + 1 + (i / 6) % (c - 1)) % c : t);
    }
  }
  Probabilities table() const { return {values, rows, classes}; }
};

}  // namespace winnow::test
