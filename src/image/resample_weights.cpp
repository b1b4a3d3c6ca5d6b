#include <algorithm>
#include <cmath>
#include <numbers>

#include "src/image/resample.h"

namespace winnow {
namespace {

double triangle(double x) {
  x = std::abs(x);
  return x < 1.0 ? 1.0 - x : 0.0;
}

double cubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1;
  if (x < 2.0) return (((x - 5) * x + 8) * x - 4) * a;
  return 0.0;
}

double sinc(double x) {
  if (x == 0.0) return 1.0;
  x *= std::numbers::pi;
  return std::sin(x) / x;
}

double lanczos(double x) { return -3.0 <= x && x < 3.0 ? sinc(x) * sinc(x / 3) : 0.0; }

struct Kernel {
  double (*value)(double);
  double support;
};

Kernel kernel_of(Filter filter) {
  switch (filter) {
    case Filter::kBicubic: return {cubic, 2.0};
    case Filter::kLanczos: return {lanczos, 3.0};
    case Filter::kBilinear: break;
  }
  return {triangle, 1.0};
}

int32_t to_fixed(double weight) {
  const double scaled = weight * (1 << kWeightBits);
  return static_cast<int32_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
}

}  // namespace

AxisWeights axis_weights(int in_size, double begin, double end, int out_size, Filter filter) {
  const Kernel kernel = kernel_of(filter);
  const double scale = (end - begin) / out_size;
  const double widening = std::max(scale, 1.0);
  const double support = kernel.support * widening;
  AxisWeights result;
  result.first.resize(out_size);
  std::vector<int> count(out_size);
  for (int i = 0; i < out_size; ++i) {
    const double center = begin + (i + 0.5) * scale;
    result.first[i] = std::max(static_cast<int>(center - support + 0.5), 0);
    count[i] = std::min(static_cast<int>(center + support + 0.5), in_size) - result.first[i];
    result.taps = std::max(result.taps, count[i]);
  }
  result.weights.assign(static_cast<size_t>(out_size) * result.taps, 0);
  std::vector<double> row(result.taps);
  for (int i = 0; i < out_size; ++i) {
    const double center = begin + (i + 0.5) * scale;
    const int first = result.first[i];
    double sum = 0;
    for (int k = 0; k < count[i]; ++k) sum += row[k] = kernel.value((k + first - center + 0.5) * (1.0 / widening));
    const int shift = std::max(0, first + result.taps - in_size);
    result.first[i] -= shift;
    int32_t* fixed = result.weights.data() + static_cast<size_t>(i) * result.taps + shift;
    for (int k = 0; k < count[i]; ++k) fixed[k] = to_fixed(sum != 0 ? row[k] / sum : row[k]);
  }
  return result;
}

}  // namespace winnow
