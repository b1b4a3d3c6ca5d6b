#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>

#include "src/core/error.h"
#include "src/core/random.h"
#include "src/labels/class_centres.h"

namespace winnow {
namespace {

constexpr int kIterations = 20;

// Spherical k-means of some rows; returns the dominant centre (most rows; ties: the first).
std::vector<float> dominant_centre(const UnitVectors& vectors, const std::vector<int64_t>& rows, int centres,
                                   Random& random) {
  const auto dim = static_cast<size_t>(vectors.dim);
  const size_t k = std::min(rows.size(), static_cast<size_t>(centres));
  std::vector<int64_t> seeds(rows);
  random.shuffle(seeds);
  std::vector<std::vector<float>> at(k);
  for (size_t c = 0; c < k; ++c) at[c].assign(vectors.row(seeds[c]), vectors.row(seeds[c]) + dim);
  std::vector<size_t> count(k);
  for (int iteration = 0; iteration < kIterations; ++iteration) {
    std::vector<std::vector<float>> sum(k, std::vector<float>(dim));
    count.assign(k, 0);
    for (const int64_t row : rows) {
      size_t best = 0;
      for (size_t c = 1; c < k; ++c)
        if (dot(vectors.row(row), at[c].data(), vectors.dim) > dot(vectors.row(row), at[best].data(), vectors.dim))
          best = c;
      for (size_t d = 0; d < dim; ++d) sum[best][d] += vectors.row(row)[d];
      ++count[best];
    }
    for (size_t c = 0; c < k; ++c) {
      if (count[c] == 0) continue;
      to_unit(sum[c]);
      at[c] = sum[c];
    }
  }
  return at[static_cast<size_t>(std::max_element(count.begin(), count.end()) - count.begin())];
}

}  // namespace

Signal subcentre_signal(const UnitVectors& vectors, const GivenLabels& given, int centres, double cut, uint64_t seed) {
  check_vectors(vectors, given);
  if (centres < 1 || !(cut > 0 && cut < 180))
    throw Error(ErrorCode::kUsage, "[noise] at least 1 sub-centre and a cut in 0..180 degrees are required");
  const auto n = given.labels.size();
  std::vector<std::vector<int64_t>> rows(static_cast<size_t>(given.classes()));
  for (size_t i = 0; i < n; ++i) rows[static_cast<size_t>(given.labels[i])].push_back(static_cast<int64_t>(i));
  auto angles = std::make_shared<std::vector<float>>(n);
  Signal out{"subcentre", std::vector<float>(n), std::vector<int32_t>(n, -1), {}};
  std::vector<std::vector<float>> dominant(rows.size());
  for (size_t k = 0; k < rows.size(); ++k) {
    Random random(seed, "subcentre", k);
    if (!rows[k].empty()) dominant[k] = dominant_centre(vectors, rows[k], centres, random);
  }
  for (size_t i = 0; i < n; ++i) {
    float best = -2;
    for (size_t k = 0; k < dominant.size(); ++k) {
      if (dominant[k].empty()) continue;
      const float cosine = dot(vectors.row(static_cast<int64_t>(i)), dominant[k].data(), vectors.dim);
      if (k == static_cast<size_t>(given.labels[i])) {
        (*angles)[i] = static_cast<float>(std::acos(std::clamp(cosine, -1.0f, 1.0f)) * 180 / std::numbers::pi);
      } else if (cosine > best) {
        best = cosine;
        out.suggested[i] = static_cast<int32_t>(k);
      }
    }
    out.wrong[i] = static_cast<float>(1 / (1 + std::exp((cut - (*angles)[i]) / 5)));
  }
  out.reason = [angles, given, cut](int64_t i) {
    return fmt::format("{:.0f} degrees from the dominant centre of {} (cut {:.0f})", (*angles)[static_cast<size_t>(i)],
                       given.name(given.labels[static_cast<size_t>(i)]), cut);
  };
  return out;
}

}  // namespace winnow
