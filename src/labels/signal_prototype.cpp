#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "src/labels/class_centres.h"

namespace winnow {
namespace {

constexpr int kRounds = 3;
constexpr int64_t kLeastTrusted = 4;

// Rows whose own centre is the nearest; a class left with fewer than four of them keeps all its rows.
std::vector<char> believed(const CentreScores& scores, std::span<const int64_t> labels, int64_t classes) {
  std::vector<char> use(labels.size());
  std::vector<int64_t> left(static_cast<size_t>(classes));
  for (size_t i = 0; i < use.size(); ++i) {
    use[i] = !(scores.own[i] < scores.other[i]) ? 1 : 0;
    left[static_cast<size_t>(labels[i])] += use[i];
  }
  for (size_t i = 0; i < use.size(); ++i)
    if (left[static_cast<size_t>(labels[i])] < kLeastTrusted) use[i] = 1;
  return use;
}

}  // namespace

Signal prototype_signal(const UnitVectors& vectors, const GivenLabels& given) {
  check_vectors(vectors, given);
  const auto n = given.labels.size();
  std::vector<char> use(n, 1);
  auto scores = std::make_shared<CentreScores>();
  for (int round = 0; round < kRounds; ++round) {
    *scores = score_centres(vectors, given.labels, sum_classes(vectors, given.labels, given.classes(), use), use);
    use = believed(*scores, given.labels, given.classes());
  }
  std::vector<float> size;
  for (size_t i = 0; i < n; ++i)
    if (std::isfinite(scores->own[i]) && scores->best[i] >= 0)
      size.push_back(std::abs(scores->own[i] - scores->other[i]));
  float scale = 1;
  if (!size.empty()) {
    std::nth_element(size.begin(), size.begin() + static_cast<int64_t>(size.size() / 2), size.end());
    scale = std::max(size[size.size() / 2] / 2, 1e-6f);
  }
  Signal out{"prototype", std::vector<float>(n), std::vector<int32_t>(scores->best), {}};
  for (size_t i = 0; i < n; ++i)
    out.wrong[i] =
        scores->best[i] < 0 ? std::nanf("") : 1 / (1 + std::exp((scores->own[i] - scores->other[i]) / scale));
  out.reason = [scores, given](int64_t position) {
    const auto i = static_cast<size_t>(position);
    if (scores->best[i] < 0) return std::string("there is no other class");
    if (std::isnan(scores->own[i])) return std::string("it is the only picture of its class");
    return fmt::format("cosine {:.2f} to the centre of {} and {:.2f} to that of {}", scores->own[i],
                       given.name(given.labels[i]), scores->other[i], given.name(scores->best[i]));
  };
  return out;
}

}  // namespace winnow
