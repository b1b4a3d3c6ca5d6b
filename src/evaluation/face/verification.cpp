#include "src/evaluation/face/verification.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "src/core/error.h"

namespace winnow {
namespace {

/// Order of positions by score, descending and stable.
std::vector<size_t> descending(const std::vector<double>& scores) {
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores[a] > scores[b]; });
  return order;
}

template <typename T>
std::vector<T> picked(const std::vector<T>& values, const std::vector<size_t>& order) {
  std::vector<T> out;
  out.reserve(values.size());
  for (const size_t i : order) out.push_back(values[i]);
  return out;
}

void count_impostors(VerificationScores& s) {
  for (const double g : s.genuine) {
    s.above.push_back(std::lower_bound(s.impostor.begin(), s.impostor.end(), g, std::greater<>()) - s.impostor.begin());
    s.at_least.push_back(std::upper_bound(s.impostor.begin(), s.impostor.end(), g, std::greater<>()) -
                         s.impostor.begin());
  }
}

/// Vertices of the exact ROC: for every distinct genuine score the point before and after it is accepted.
template <typename Visit>
void walk_roc(const VerificationScores& s, const Visit& visit) {
  const auto n = static_cast<double>(s.genuine.size()), m = static_cast<double>(s.impostors);
  for (size_t i = 0; i < s.genuine.size();) {
    size_t j = i;
    while (j < s.genuine.size() && s.genuine[j] == s.genuine[i]) ++j;
    visit(RocPoint{static_cast<double>(s.above[i]) / m, static_cast<double>(i) / n, s.genuine[i]}, false);
    visit(RocPoint{static_cast<double>(s.at_least[i]) / m, static_cast<double>(j) / n, s.genuine[i]}, true);
    i = j;
  }
}

}  // namespace

VerificationScores collect_scores(std::span<const double> scores, std::span<const FacePair> pairs,
                                  std::span<const int32_t> person) {
  if (scores.size() != pairs.size())
    throw Error(ErrorCode::kShape, "[face] one score a pair is required, got " + std::to_string(scores.size()) +
                                       " for " + std::to_string(pairs.size()));
  VerificationScores out;
  const auto who = [&](int64_t row) { return person.empty() ? -1 : person[static_cast<size_t>(row)]; };
  bool known = true;
  for (size_t i = 0; i < pairs.size(); ++i) {
    const auto& p = pairs[i];
    if (std::isnan(scores[i]))
      throw Error(ErrorCode::kNumeric, "[face] pair " + std::to_string(i) + " has no score (NaN)");
    known &= who(p.a) >= 0 && who(p.b) >= 0;
    if (p.same) {
      out.genuine.push_back(scores[i]);
      out.genuine_person.push_back(who(p.a));
    } else {
      out.impostor.push_back(scores[i]);
      out.impostor_people.emplace_back(who(p.a), who(p.b));
    }
  }
  if (out.genuine.empty() || out.impostor.empty())
    throw Error(ErrorCode::kData,
                "[face] same and different pairs are required, got " + std::to_string(out.genuine.size()) + " and " +
                    std::to_string(out.impostor.size()) + " (with one class accuracy has no meaning)");
  const auto genuine = descending(out.genuine), impostor = descending(out.impostor);
  out.genuine = picked(out.genuine, genuine);
  out.impostor = picked(out.impostor, impostor);
  out.genuine_person = known ? picked(out.genuine_person, genuine) : std::vector<int32_t>();
  out.impostor_people = known ? picked(out.impostor_people, impostor) : std::vector<std::pair<int32_t, int32_t>>();
  out.impostors = static_cast<int64_t>(out.impostor.size());
  count_impostors(out);
  return out;
}

double roc_auc(const VerificationScores& s) {
  double sum = 0;
  for (size_t i = 0; i < s.genuine.size(); ++i)
    sum += static_cast<double>(s.impostors) - 0.5 * static_cast<double>(s.above[i] + s.at_least[i]);
  return sum / (static_cast<double>(s.genuine.size()) * static_cast<double>(s.impostors));
}

EqualError equal_error(const VerificationScores& s) {
  RocPoint before{0, 0, std::numeric_limits<double>::infinity()};
  EqualError out{0.5, 0};
  bool found = false;
  walk_roc(s, [&](const RocPoint& now, bool) {
    if (found) return;
    const double gap = now.far - (1 - now.tar), gap_before = before.far - (1 - before.tar);
    if (gap >= 0) {
      const double share = gap == gap_before ? 0 : -gap_before / (gap - gap_before);
      out = {before.far + share * (now.far - before.far), now.threshold};
      found = true;
    }
    before = now;
  });
  return out;
}

std::vector<RocPoint> roc_curve(const VerificationScores& s, bool drop) {
  if (!s.complete()) throw Error(ErrorCode::kData, "[face] every impostor score is needed for all points of a ROC");
  struct Vertex {
    int64_t fp, tp;
    double threshold;
  };
  std::vector<Vertex> vertices;
  size_t g = 0, i = 0;
  while (g < s.genuine.size() || i < s.impostor.size()) {
    const bool from_genuine = i == s.impostor.size() || (g < s.genuine.size() && s.genuine[g] >= s.impostor[i]);
    const double t = from_genuine ? s.genuine[g] : s.impostor[i];
    while (g < s.genuine.size() && s.genuine[g] == t) ++g;
    while (i < s.impostor.size() && s.impostor[i] == t) ++i;
    vertices.push_back({static_cast<int64_t>(i), static_cast<int64_t>(g), t});
  }
  const auto n = static_cast<double>(s.genuine.size()), m = static_cast<double>(s.impostors);
  std::vector<RocPoint> out = {{0, 0, std::numeric_limits<double>::infinity()}};
  for (size_t k = 0; k < vertices.size(); ++k) {
    const bool inner = k > 0 && k + 1 < vertices.size();
    if (drop && inner && vertices[k + 1].fp - 2 * vertices[k].fp + vertices[k - 1].fp == 0 &&
        vertices[k + 1].tp - 2 * vertices[k].tp + vertices[k - 1].tp == 0)
      continue;
    out.push_back(
        {static_cast<double>(vertices[k].fp) / m, static_cast<double>(vertices[k].tp) / n, vertices[k].threshold});
  }
  return out;
}

std::vector<RocPoint> roc_outline(const VerificationScores& s, int64_t points) {
  std::vector<RocPoint> out = {{0, 0, std::numeric_limits<double>::infinity()}};
  const double step = 1.0 / static_cast<double>(points);
  walk_roc(s, [&](const RocPoint& now, bool) {
    const auto& last = out.back();
    const bool far_moved = now.far > 0 && (last.far == 0 || std::log10(now.far / last.far) >= 12 * step);
    if (far_moved || now.tar - last.tar >= step) out.push_back(now);
  });
  out.push_back({1, 1, -1});
  return out;
}

}  // namespace winnow
