#include "src/labels/audit.h"

#include <algorithm>
#include <cmath>

#include "src/core/error.h"
#include "src/core/random.h"

namespace winnow {
namespace {

constexpr int kDraws = 20000;

// Marsaglia and Tsang (2000), for shapes of at least 1.
double gamma_draw(double shape, Random& random) {
  const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  while (true) {
    const double x = random.normal(), v = std::pow(1 + c * x, 3);
    if (v > 0 && std::log(std::max(random.uniform(), 1e-300)) < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v;
  }
}

double beta_draw(int64_t hits, int64_t n, Random& random) {
  const double a = gamma_draw(static_cast<double>(hits) + 1, random),
               b = gamma_draw(static_cast<double>(n - hits) + 1, random);
  return a / (a + b);
}

Share share_of(std::vector<double> draws, double value) {
  std::sort(draws.begin(), draws.end());
  const auto at = [&](double q) { return draws[static_cast<size_t>(q * static_cast<double>(draws.size() - 1))]; };
  return {value, std::min(value, at(0.025)), std::max(value, at(0.975))};
}

double ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }

}  // namespace

AuditSample draw_audit(const std::vector<char>& flagged, int64_t suspects, int64_t others, uint64_t seed) {
  if (flagged.empty()) throw Error(ErrorCode::kData, "[audit] at least one row is required");
  std::vector<int64_t> sides[2];
  for (size_t i = 0; i < flagged.size(); ++i) sides[flagged[i] != 0 ? 1 : 0].push_back(static_cast<int64_t>(i));
  AuditSample out;
  for (const int side : {1, 0}) {
    Random random(seed, "audit", static_cast<uint64_t>(side));
    random.shuffle(sides[side]);
    const auto wanted =
        std::min(sides[side].size(), static_cast<size_t>(std::max<int64_t>(side == 1 ? suspects : others, 0)));
    out.positions.insert(out.positions.end(), sides[side].begin(), sides[side].begin() + static_cast<int64_t>(wanted));
  }
  Random random(seed, "audit-order");
  random.shuffle(out.positions);
  return out;
}

AuditResult judge_audit(const AuditCounts& c, uint64_t seed) {
  const int64_t rest = c.rows - c.flagged;
  if ((c.flagged > 0 && c.suspects_checked == 0) || (rest > 0 && c.others_checked == 0))
    throw Error(ErrorCode::kData, "[audit] answers about suspects and about others are required, got " +
                                      std::to_string(c.suspects_checked) + " and " + std::to_string(c.others_checked));
  const auto flagged = static_cast<double>(c.flagged), others = static_cast<double>(rest);
  const double p = ratio(static_cast<double>(c.suspects_wrong), static_cast<double>(c.suspects_checked)),
               q = ratio(static_cast<double>(c.others_wrong), static_cast<double>(c.others_checked));
  std::vector<double> recall(kDraws), rate(kDraws);
  Random random(seed, "audit-beta");
  for (int i = 0; i < kDraws; ++i) {
    const double found = flagged * beta_draw(c.suspects_wrong, c.suspects_checked, random),
                 missed = others * beta_draw(c.others_wrong, c.others_checked, random);
    recall[static_cast<size_t>(i)] = ratio(found, found + missed);
    rate[static_cast<size_t>(i)] = ratio(found + missed, flagged + others);
  }
  AuditResult out;
  out.precision = wilson(static_cast<double>(c.suspects_wrong), static_cast<double>(c.suspects_checked));
  out.recall = share_of(std::move(recall), ratio(flagged * p, flagged * p + others * q));
  out.rate = share_of(std::move(rate), ratio(flagged * p + others * q, flagged + others));
  return out;
}

}  // namespace winnow
