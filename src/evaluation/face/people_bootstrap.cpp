#include "src/evaluation/face/people_bootstrap.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "src/core/error.h"
#include "src/core/parallel.h"
#include "src/core/random.h"

namespace winnow {
namespace {

/// How often each of n things is drawn in n draws with replacement.
std::vector<int32_t> multiplicities(int64_t n, uint64_t seed, int64_t resample) {
  std::vector<int32_t> out(static_cast<size_t>(n));
  Random random(seed, "people-bootstrap", static_cast<uint64_t>(resample));
  for (int64_t i = 0; i < n; ++i) ++out[random.below(static_cast<uint64_t>(n))];
  return out;
}

Interval percentile(std::vector<double> values) {
  std::erase_if(values, [](double v) { return std::isnan(v); });
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const auto at = [&](double share) {
    const double place = share * static_cast<double>(values.size() - 1);
    const auto low = static_cast<size_t>(place);
    const size_t high = std::min(low + 1, values.size() - 1);
    return values[low] + (place - static_cast<double>(low)) * (values[high] - values[low]);
  };
  return {at(0.025), at(0.975)};
}

/// People renumbered 0 .. n - 1.
class Renumber {
 public:
  int32_t operator()(int32_t person) {
    return numbers_.emplace(person, static_cast<int32_t>(numbers_.size())).first->second;
  }
  int64_t size() const { return static_cast<int64_t>(numbers_.size()); }

 private:
  std::unordered_map<int32_t, int32_t> numbers_;
};

struct Weighted {
  std::vector<int32_t> genuine;
  std::vector<std::pair<int32_t, int32_t>> impostor;
};

/// TAR and threshold of the strict rule with weighted pairs; NaN when a side has no weight left.
void strict_points(const VerificationScores& s, const Weighted& who, const std::vector<int32_t>& m,
                   std::span<const double> targets, std::vector<double>* tar, std::vector<double>* threshold) {
  double all_impostors = 0, all_genuine = 0;
  for (const auto& [a, b] : who.impostor)
    all_impostors += static_cast<double>(m[static_cast<size_t>(a)]) * m[static_cast<size_t>(b)];
  for (const int32_t g : who.genuine) all_genuine += m[static_cast<size_t>(g)];
  for (size_t t = 0; t < targets.size(); ++t) {
    const double allowed = targets[t] * all_impostors + 1e-9;
    double sum = 0, bound = -2;
    for (size_t i = 0; i < who.impostor.size(); ++i) {
      const auto& [a, b] = who.impostor[i];
      sum += static_cast<double>(m[static_cast<size_t>(a)]) * m[static_cast<size_t>(b)];
      if (sum > allowed) {
        bound = s.impostor[i];
        break;
      }
    }
    double accepted = 0;
    for (size_t i = 0; i < s.genuine.size() && s.genuine[i] > bound; ++i)
      accepted += m[static_cast<size_t>(who.genuine[i])];
    const bool empty = all_impostors == 0 || all_genuine == 0;
    tar[t].push_back(empty ? std::nan("") : accepted / all_genuine);
    threshold[t].push_back(empty ? std::nan("") : bound);
  }
}

/// @throws Error(kData) unless it is known who is on every pair
Weighted people_of(const VerificationScores& s, Renumber& number) {
  if (!s.complete() || s.genuine_person.empty() || s.impostor_people.empty())
    throw Error(ErrorCode::kData, "[face] intervals over people need to know who is on every pair");
  Weighted who;
  for (const int32_t p : s.genuine_person) who.genuine.push_back(number(p));
  for (const auto& [a, b] : s.impostor_people) {
    const int32_t x = number(a), y = number(b);
    who.impostor.emplace_back(x, y);
  }
  return who;
}

/// A pair of a resample: its score and how often it was drawn.
struct DrawnPair {
  double score, genuine, impostor;  ///< weights; one of them is 0
};

/// Pairs that were drawn, highest score first.
std::vector<DrawnPair> drawn_pairs(const VerificationScores& s, const Weighted& who, const std::vector<int32_t>& m) {
  std::vector<DrawnPair> out;
  for (size_t g = 0, i = 0; g < s.genuine.size() || i < s.impostor.size();) {
    if (i == s.impostor.size() || (g < s.genuine.size() && s.genuine[g] >= s.impostor[i])) {
      const double weight = m[static_cast<size_t>(who.genuine[g])];
      if (weight > 0) out.push_back({s.genuine[g], weight, 0});
      ++g;
    } else {
      const auto& [a, b] = who.impostor[i];
      const double weight = static_cast<double>(m[static_cast<size_t>(a)]) * m[static_cast<size_t>(b)];
      if (weight > 0) out.push_back({s.impostor[i], 0, weight});
      ++i;
    }
  }
  return out;
}

/// The threshold of find_threshold over weighted pairs; NaN when a side has no weight left.
double threshold_of(const std::vector<DrawnPair>& pairs, const ThresholdTarget& target) {
  double genuine = 0, impostor = 0, right = 0, wrong = 0;
  for (const auto& p : pairs) {
    genuine += p.genuine;
    impostor += p.impostor;
  }
  if (genuine == 0 || impostor == 0) return std::nan("");
  const bool recall = target.kind == ThresholdTarget::Kind::kRecall;
  double best = pairs.front().score;
  for (size_t i = 0; i < pairs.size(); ++i) {
    right += pairs[i].genuine;
    wrong += pairs[i].impostor;
    if (i + 1 < pairs.size() && pairs[i + 1].score == pairs[i].score) continue;
    const double reached = recall ? right / genuine : right / (right + wrong);
    if (reached < target.value) continue;
    best = pairs[i].score;
    if (recall) break;
  }
  return best;
}

}  // namespace

PeopleBootstrap bootstrap_people(const VerificationScores& s, std::span<const double> targets, int64_t resamples,
                                 uint64_t seed) {
  Renumber number;
  const Weighted who = people_of(s, number);
  PeopleBootstrap out;
  out.people = number.size();
  std::vector<std::vector<std::vector<double>>> tar(static_cast<size_t>(resamples)),
      bound(static_cast<size_t>(resamples));
  parallel_for(resamples, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      auto& t = tar[static_cast<size_t>(r)];
      auto& b = bound[static_cast<size_t>(r)];
      t.resize(targets.size());
      b.resize(targets.size());
      strict_points(s, who, multiplicities(out.people, seed, r), targets, t.data(), b.data());
    }
  });
  for (size_t t = 0; t < targets.size(); ++t) {
    std::vector<double> tars, bounds;
    for (int64_t r = 0; r < resamples; ++r) {
      tars.push_back(tar[static_cast<size_t>(r)][t][0]);
      bounds.push_back(bound[static_cast<size_t>(r)][t][0]);
    }
    out.tar.push_back(percentile(std::move(tars)));
    out.threshold.push_back(percentile(std::move(bounds)));
  }
  return out;
}

Interval bootstrap_people_threshold(const VerificationScores& s, const ThresholdTarget& target, int64_t resamples,
                                    uint64_t seed) {
  using Kind = ThresholdTarget::Kind;
  if (target.kind != Kind::kPrecision && target.kind != Kind::kRecall)
    throw Error(ErrorCode::kUsage, "[face] a precision or recall target is required (far has bootstrap_people)");
  Renumber number;
  const Weighted who = people_of(s, number);
  std::vector<double> scores(static_cast<size_t>(resamples));
  parallel_for(resamples, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r)
      scores[static_cast<size_t>(r)] =
          threshold_of(drawn_pairs(s, who, multiplicities(number.size(), seed, r)), target);
  });
  return percentile(std::move(scores));
}

AccuracyInterval bootstrap_accuracy(std::span<const char> correct, std::span<const FacePair> pairs,
                                    std::span<const int32_t> person, int64_t resamples, uint64_t seed) {
  if (correct.size() != pairs.size()) throw Error(ErrorCode::kShape, "[face] one answer a pair is required");
  AccuracyInterval out;
  const auto who = [&](int64_t row) { return person[static_cast<size_t>(row)]; };
  out.by_people = !person.empty() && std::all_of(pairs.begin(), pairs.end(),
                                                 [&](const FacePair& p) { return who(p.a) >= 0 && who(p.b) >= 0; });
  Renumber number;
  std::vector<std::pair<int32_t, int32_t>> sides;
  for (size_t i = 0; i < pairs.size(); ++i) {
    const int32_t a = number(out.by_people ? who(pairs[i].a) : static_cast<int32_t>(i));
    sides.emplace_back(a, !out.by_people || pairs[i].same ? a : number(who(pairs[i].b)));
  }
  std::vector<double> values(static_cast<size_t>(resamples));
  parallel_for(resamples, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      const auto m = multiplicities(number.size(), seed, r);
      // Both classes keep their share: resampling people would else move the balance of same and different.
      double right[2] = {0, 0}, all[2] = {0, 0};
      for (size_t i = 0; i < pairs.size(); ++i) {
        const auto& [a, b] = sides[i];
        const double w = a == b ? m[static_cast<size_t>(a)]
                                : static_cast<double>(m[static_cast<size_t>(a)]) * m[static_cast<size_t>(b)];
        all[pairs[i].same] += w;
        right[pairs[i].same] += correct[i] ? w : 0;
      }
      const auto same =
          static_cast<double>(std::count_if(pairs.begin(), pairs.end(), [](const FacePair& p) { return p.same; }));
      const double share = same / static_cast<double>(pairs.size());
      values[static_cast<size_t>(r)] =
          all[0] == 0 || all[1] == 0 ? std::nan("") : share * right[1] / all[1] + (1 - share) * right[0] / all[0];
    }
  });
  out.interval = percentile(std::move(values));
  return out;
}

}  // namespace winnow
