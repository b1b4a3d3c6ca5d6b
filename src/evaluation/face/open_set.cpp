#include "src/evaluation/face/open_set.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "src/core/error.h"

namespace winnow {
namespace {

constexpr double kNone = -2;  // below every cosine

/// Best mate, best wrong item of each probe; then wrong items over and at the mate.
struct Probe {
  double mate = kNone, top = kNone;
  int64_t over = 0, at = 0;
};

OpenSetSearch gather(const std::vector<Probe>& probes, std::span<const int64_t> subject,
                     const std::unordered_set<int64_t>& enrolled, int64_t gallery) {
  OpenSetSearch out;
  out.gallery = gallery;
  for (size_t i = 0; i < probes.size(); ++i) {
    if (subject[i] >= 0 && enrolled.contains(subject[i])) {
      out.mate_score.push_back(probes[i].mate);
      out.mate_rank.push_back(1 + probes[i].over + probes[i].at);
      out.optimistic.push_back(1 + probes[i].over);
      out.mated_probe.push_back(static_cast<int64_t>(i));
    } else {
      out.nonmated_top.push_back(probes[i].top);
      out.nonmated_probe.push_back(static_cast<int64_t>(i));
    }
  }
  return out;
}

void check_sides(int64_t probes, size_t subjects, int64_t gallery, size_t gallery_subjects) {
  if (probes != static_cast<int64_t>(subjects) || gallery != static_cast<int64_t>(gallery_subjects))
    throw Error(ErrorCode::kShape, "[identify] one subject a row is required on both sides");
  if (gallery == 0) throw Error(ErrorCode::kData, "[identify] the gallery is empty");
}

/// Visit(visitor) must call visitor(probe, gallery row, score) for every pair; it is called twice.
template <typename ForEach>
OpenSetSearch search(const ForEach& for_each, std::span<const int64_t> subject, std::span<const int64_t> enrolled) {
  std::vector<Probe> probes(subject.size());
  for_each([&](int64_t q, int64_t g, double score) {
    Probe& p = probes[static_cast<size_t>(q)];
    double& best =
        subject[static_cast<size_t>(q)] >= 0 && enrolled[static_cast<size_t>(g)] == subject[static_cast<size_t>(q)]
            ? p.mate
            : p.top;
    best = std::max(best, score);
  });
  for_each([&](int64_t q, int64_t g, double score) {
    Probe& p = probes[static_cast<size_t>(q)];
    if (enrolled[static_cast<size_t>(g)] == subject[static_cast<size_t>(q)]) return;
    p.over += score > p.mate;
    p.at += score == p.mate;
  });
  return gather(probes, subject, {enrolled.begin(), enrolled.end()}, static_cast<int64_t>(enrolled.size()));
}

std::vector<double> descending(std::vector<double> values) {
  std::sort(values.begin(), values.end(), std::greater<>());
  return values;
}

double blufr_floor(const OpenSetSearch& s, double highest) {
  double lowest = 3;
  for (const double mate : s.mate_score)
    if (mate > highest) lowest = std::min(lowest, mate);
  return lowest > 2 ? std::nextafter(highest, 2.0) : (highest + lowest) / 2;
}

}  // namespace

OpenSetSearch search_gallery(const VectorRows& probes, std::span<const int64_t> probe_subject,
                             const VectorRows& gallery, std::span<const int64_t> gallery_subject) {
  check_sides(probes.rows, probe_subject.size(), gallery.rows, gallery_subject.size());
  const auto for_each = [&](const auto& visit) {
    for_each_score_row(probes, gallery, false, [&](int, int64_t q, int64_t first, std::span<const float> scores) {
      for (size_t i = 0; i < scores.size(); ++i)
        visit(q, first + static_cast<int64_t>(i), static_cast<double>(scores[i]));
    });
  };
  return search(for_each, probe_subject, gallery_subject);
}

OpenSetSearch search_matrix(std::span<const double> scores, std::span<const int64_t> probe_subject,
                            std::span<const int64_t> gallery_subject) {
  const auto rows = static_cast<int64_t>(probe_subject.size()), columns = static_cast<int64_t>(gallery_subject.size());
  check_sides(columns == 0 ? 0 : static_cast<int64_t>(scores.size()) / columns, probe_subject.size(), columns,
              gallery_subject.size());
  const auto for_each = [&](const auto& visit) {
    for (int64_t q = 0; q < rows; ++q)
      for (int64_t g = 0; g < columns; ++g) visit(q, g, scores[static_cast<size_t>(q * columns + g)]);
  };
  return search(for_each, probe_subject, gallery_subject);
}

std::string fpir_rule_name(FpirRule rule) {
  if (rule == FpirRule::kStrict) return "strict";
  return rule == FpirRule::kIjbEvals ? "ijb_evals" : "blufr";
}

OpenSetPoint tpir_at_fpir(const OpenSetSearch& s, double target, int64_t rank, FpirRule rule) {
  if (!(target >= 0 && target <= 1))
    throw Error(ErrorCode::kUsage, "[identify] a FPIR target lies in [0, 1], got " + std::to_string(target));
  if (s.mate_score.empty() || s.nonmated_top.empty())
    throw Error(ErrorCode::kData, "[identify] open-set figures need mated and non-mated probes, got " +
                                      std::to_string(s.mate_score.size()) + " and " +
                                      std::to_string(s.nonmated_top.size()) +
                                      " (a gallery with everybody in it gives no FPIR)");
  const auto top = descending(s.nonmated_top);
  const auto n = static_cast<int64_t>(top.size());
  OpenSetPoint out;
  out.rule = rule;
  out.target = target;
  out.accepts_equal = rule == FpirRule::kBlufr;
  if (rule == FpirRule::kStrict) {
    const auto k = static_cast<int64_t>(std::floor(target * static_cast<double>(n) + 1e-9));
    out.threshold = k >= n ? kNone : top[static_cast<size_t>(k)];
  } else if (rule == FpirRule::kIjbEvals) {
    const auto k = std::max<int64_t>(static_cast<int64_t>(target * static_cast<double>(n)) - 1, 0);
    out.threshold = top[static_cast<size_t>(k)];
  } else {
    const auto k = static_cast<int64_t>(std::llround(target * static_cast<double>(n)));
    out.threshold = k == 0 ? blufr_floor(s, top[0]) : top[static_cast<size_t>(k - 1)];
  }
  const auto accepted = [&](double score) {
    return out.accepts_equal ? score >= out.threshold : score > out.threshold;
  };
  for (size_t i = 0; i < s.mate_score.size(); ++i) out.found += s.mate_rank[i] <= rank && accepted(s.mate_score[i]);
  out.false_alarms = std::count_if(top.begin(), top.end(), accepted);
  out.tpir = static_cast<double>(out.found) / static_cast<double>(s.mate_score.size());
  out.fpir = static_cast<double>(out.false_alarms) / static_cast<double>(n);
  out.too_few = target * static_cast<double>(n) + 1e-9 < 30;
  return out;
}

std::vector<double> cumulative_match(const OpenSetSearch& search, int64_t max_rank) {
  std::vector<double> out(static_cast<size_t>(max_rank), 0.0);
  for (const int64_t rank : search.mate_rank)
    if (rank <= max_rank) out[static_cast<size_t>(rank - 1)] += 1;
  double sum = 0;
  for (double& v : out) {
    sum += v;
    v = search.mate_rank.empty() ? 0 : sum / static_cast<double>(search.mate_rank.size());
  }
  return out;
}

double mean_reciprocal_rank(const OpenSetSearch& search) {
  double sum = 0;
  for (const int64_t rank : search.mate_rank) sum += 1.0 / static_cast<double>(rank);
  return search.mate_rank.empty() ? 0 : sum / static_cast<double>(search.mate_rank.size());
}

std::vector<std::pair<double, double>> det_points(const OpenSetSearch& s, int64_t rank, int64_t points) {
  const auto top = descending(s.nonmated_top);
  std::vector<double> found;
  for (size_t i = 0; i < s.mate_score.size(); ++i)
    if (s.mate_rank[i] <= rank) found.push_back(s.mate_score[i]);
  found = descending(found);
  std::vector<std::pair<double, double>> out;
  const size_t step = std::max<size_t>(1, top.size() / static_cast<size_t>(points));
  for (size_t k = 0; k < top.size(); k += step) {
    const auto accepted = std::lower_bound(found.begin(), found.end(), top[k], std::greater<>()) - found.begin();
    const auto alarms = std::lower_bound(top.begin(), top.end(), top[k], std::greater<>()) - top.begin();
    out.emplace_back(static_cast<double>(alarms) / static_cast<double>(top.size()),
                     1 - static_cast<double>(accepted) / static_cast<double>(s.mate_score.size()));
  }
  return out;
}

}  // namespace winnow
