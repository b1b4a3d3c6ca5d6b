#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "src/core/error.h"
#include "src/labels/signals.h"
#include "src/labels/squared_share.h"

namespace winnow {
namespace {

void check_lengths(const Dynamics& d, const GivenLabels& given) {
  const size_t n = given.labels.size();
  if (d.own.size() != n || d.other.size() != n || d.other_share.size() != n || d.squares.size() != n)
    throw Error(ErrorCode::kShape,
                "[noise] dynamics of " + std::to_string(n) + " rows are required, got " + std::to_string(d.own.size()));
}

}  // namespace

Signal dynamics_signal(const Dynamics& dynamics, const GivenLabels& given) {
  check_lengths(dynamics, given);
  const size_t n = given.labels.size();
  const auto frequency = class_frequencies(given.labels, given.classes());
  Signal out{"dynamics", std::vector<float>(n, std::nanf("")), dynamics.other, {}};
  for (size_t i = 0; i < n; ++i) {
    if (std::isnan(dynamics.own[i])) continue;
    const double squared = static_cast<double>(dynamics.own[i]) * static_cast<double>(dynamics.own[i]);
    const double own = squared / std::max(1e-12, static_cast<double>(dynamics.squares[i]));
    out.wrong[i] = wrong_by_share(own, frequency[static_cast<size_t>(given.labels[i])]);
  }
  const auto kept = std::make_shared<Dynamics>(dynamics);
  out.reason = [kept, given](int64_t i) -> std::string {
    const auto at = static_cast<size_t>(i);
    if (std::isnan(kept->own[at])) return "training never saw it";
    const std::string own =
        fmt::format("while it learnt, the network gave {} {:.0f} %", given.name(given.labels[at]), 100 * kept->own[at]);
    if (kept->other[at] < 0) return own;
    return own + fmt::format(" and {} {:.0f} %", given.name(kept->other[at]), 100 * kept->other_share[at]);
  };
  return out;
}

int64_t count_doubted(const Dynamics& dynamics, const GivenLabels& given) {
  check_lengths(dynamics, given);
  struct ClassCount {
    double own = 0, seen = 0, rows = 0, kept = 0, moved = 0;
  };
  std::vector<ClassCount> classes(static_cast<size_t>(given.classes()));
  for (size_t i = 0; i < given.labels.size(); ++i) {
    auto& c = classes[static_cast<size_t>(given.labels[i])];
    ++c.rows;
    if (std::isnan(dynamics.own[i])) continue;
    c.own += static_cast<double>(dynamics.own[i]);
    ++c.seen;
  }
  const auto sure = [&](int64_t label, float p) {
    const auto& c = classes[static_cast<size_t>(label)];
    return c.seen > 0 && static_cast<double>(p) >= c.own / c.seen - 1e-6;
  };
  for (size_t i = 0; i < given.labels.size(); ++i) {
    if (std::isnan(dynamics.own[i])) continue;
    const bool own = sure(given.labels[i], dynamics.own[i]);
    const bool other = dynamics.other[i] >= 0 && sure(dynamics.other[i], dynamics.other_share[i]);
    auto& c = classes[static_cast<size_t>(given.labels[i])];
    if (other && (!own || dynamics.other_share[i] > dynamics.own[i]))
      ++c.moved;
    else if (own)
      ++c.kept;
  }
  double wrong = 0;
  for (const auto& c : classes)
    if (c.moved > 0) wrong += c.rows * c.moved / (c.moved + c.kept);
  return std::llround(wrong);
}

}  // namespace winnow
