#include <algorithm>
#include <cmath>
#include <limits>

#include "src/core/error.h"
#include "src/evaluation/face/verification.h"

namespace winnow {
namespace {

constexpr int64_t kFewErrors = 30;  // "rule of 30": about +-30 % at 90 % confidence

/// Accepts score > t (or >= t) and counts.
OperatingPoint at_threshold(const VerificationScores& s, double t, bool equal) {
  OperatingPoint out;
  const auto count = [&](const std::vector<double>& sorted, bool with_equal) {
    return (with_equal ? std::upper_bound(sorted.begin(), sorted.end(), t, std::greater<>())
                       : std::lower_bound(sorted.begin(), sorted.end(), t, std::greater<>())) -
           sorted.begin();
  };
  out.accepted = count(s.genuine, equal);
  out.false_accepts = count(s.impostor, equal);
  out.ties = count(s.impostor, true) - count(s.impostor, false);
  out.tar = static_cast<double>(out.accepted) / static_cast<double>(s.genuine.size());
  out.far = static_cast<double>(out.false_accepts) / static_cast<double>(s.impostors);
  out.threshold = t;
  out.accepts_equal = equal;
  return out;
}

std::optional<OperatingPoint> strict(const VerificationScores& s, double target) {
  const auto k = static_cast<int64_t>(std::floor(target * static_cast<double>(s.impostors) + 1e-9));
  if (k >= s.impostors) return at_threshold(s, -std::numeric_limits<double>::infinity(), false);
  if (k >= static_cast<int64_t>(s.impostor.size())) return std::nullopt;
  return at_threshold(s, s.impostor[static_cast<size_t>(k)], false);
}

std::optional<OperatingPoint> blufr(const VerificationScores& s, double target) {
  const auto k = static_cast<int64_t>(std::llround(target * static_cast<double>(s.impostors)));
  if (k > static_cast<int64_t>(s.impostor.size())) return std::nullopt;
  if (k > 0) return at_threshold(s, s.impostor[static_cast<size_t>(k - 1)], true);
  const double highest = s.impostor[0];
  const auto end = std::lower_bound(s.genuine.begin(), s.genuine.end(), highest, std::greater<>());
  const double t = end == s.genuine.begin() ? std::nextafter(highest, 2.0) : (highest + *(end - 1)) / 2;
  return at_threshold(s, t, true);
}

std::optional<OperatingPoint> nearest(const VerificationScores& s, double target, bool drop) {
  if (!s.complete()) return std::nullopt;
  const auto roc = roc_curve(s, drop);
  size_t best = roc.size() - 1;  // from the right: of equally near ones the one with the most accepted pairs
  for (size_t i = roc.size(); i-- > 0;)
    if (std::abs(roc[i].far - target) < std::abs(roc[best].far - target)) best = i;
  return at_threshold(s, roc[best].threshold, true);
}

std::optional<OperatingPoint> interpolated(const VerificationScores& s, double target) {
  if (!s.complete()) return std::nullopt;
  const auto roc = roc_curve(s, false);
  size_t right = 0;
  while (right + 1 < roc.size() && roc[right].far <= target) ++right;
  OperatingPoint out;
  const auto& b = roc[right];
  const auto& a = roc[right == 0 ? 0 : right - 1];
  const double share = b.far > a.far ? std::min(1.0, (target - a.far) / (b.far - a.far)) : 1;
  out.tar = a.tar + share * (b.tar - a.tar);
  out.far = std::min(target, 1.0);
  return out;
}

}  // namespace

std::string far_rule_name(FarRule rule) {
  switch (rule) {
    case FarRule::kStrict: return "strict";
    case FarRule::kBlufr: return "blufr";
    case FarRule::kNearest: return "nearest";
    case FarRule::kNearestAll: return "nearest_all";
    default: return "interpolated";
  }
}

std::optional<OperatingPoint> tar_at_far(const VerificationScores& s, double target, FarRule rule) {
  if (!(target >= 0 && target <= 1))
    throw Error(ErrorCode::kUsage, "[face] a FAR target lies in [0, 1], got " + std::to_string(target));
  std::optional<OperatingPoint> out;
  switch (rule) {
    case FarRule::kStrict: out = strict(s, target); break;
    case FarRule::kBlufr: out = blufr(s, target); break;
    case FarRule::kNearest: out = nearest(s, target, true); break;
    case FarRule::kNearestAll: out = nearest(s, target, false); break;
    case FarRule::kInterpolated: out = interpolated(s, target); break;
  }
  if (!out) return out;
  out->target = target;
  out->rule = rule;
  out->too_few = std::floor(target * static_cast<double>(s.impostors) + 1e-9) < static_cast<double>(kFewErrors);
  return out;
}

}  // namespace winnow
