#include "src/workflow/face/threshold.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "src/core/error.h"
#include "src/core/random.h"
#include "src/core/tables.h"
#include "src/evaluation/face/people_bootstrap.h"
#include "src/workflow/eval_threshold.h"

namespace winnow {
namespace {

using Kind = ThresholdTarget::Kind;
constexpr size_t kShownBehind = 20;

/// The strict rule accepts above a score; a stored threshold accepts from a score on.
Threshold strict(const FaceRun& run, double far) {
  const auto point = tar_at_far(*run.scores, far, FarRule::kStrict);
  if (!point)
    throw Error(ErrorCode::kData, "[threshold] FAR " + target_text(far) + " needs more impostor scores than are kept");
  Threshold out;
  out.reached = point->accepted > 0 && std::isfinite(*point->threshold);
  out.score = out.reached ? std::nextafter(*point->threshold, std::numeric_limits<double>::infinity())
                          : run.scores->genuine.front();
  out.interval = {out.score, out.score};
  out.right = static_cast<int64_t>(run.scores->genuine.size());
  out.wrong = run.scores->impostors;
  out.accepted = point->accepted + point->false_accepts;
  out.far = point->far;
  out.recall = point->tar;
  out.precision = out.accepted == 0 ? 0 : static_cast<double>(point->accepted) / static_cast<double>(out.accepted);
  out.too_few = point->too_few;
  return out;
}

Threshold over_pairs(const FaceRun& run, const ThresholdTarget& target, const FaceEvalOptions& options) {
  if (!run.scores->complete())
    throw Error(ErrorCode::kData, "[threshold] recall and precision need every score; of this many pairs only the " +
                                      std::to_string(run.scores->impostor.size()) + " highest are kept: use far=RATE");
  std::vector<FirstHit> pairs;
  for (const double score : run.scores->genuine) pairs.push_back({score, true, 0, 0});
  for (const double score : run.scores->impostor) pairs.push_back({score, false, 0, 0});
  const bool people = options.bootstrap > 0 && !run.scores->genuine_person.empty();
  Threshold out = find_threshold(std::move(pairs), target, people ? 0 : options.bootstrap, options.seed);
  if (people) out.interval = bootstrap_people_threshold(*run.scores, target, options.bootstrap, options.seed);
  return out;
}

/// The strict bound of the highest scores of strangers: at most floor(fpir n) of them lie above it.
double fpir_bound(std::vector<double>& tops, double fpir) {
  const auto k = static_cast<size_t>(std::floor(fpir * static_cast<double>(tops.size()) + 1e-9));
  if (k >= tops.size()) return *std::min_element(tops.begin(), tops.end());
  std::nth_element(tops.begin(), tops.begin() + static_cast<std::ptrdiff_t>(k), tops.end(), std::greater<>());
  return tops[k];
}

Interval over_strangers(const std::vector<double>& tops, double fpir, const FaceEvalOptions& options) {
  std::vector<double> bounds, drawn(tops.size());
  for (int64_t r = 0; r < options.bootstrap; ++r) {
    Random random(options.seed, "fpir-bootstrap", static_cast<uint64_t>(r));
    for (double& score : drawn) score = tops[random.below(tops.size())];
    bounds.push_back(fpir_bound(drawn, fpir));
  }
  std::sort(bounds.begin(), bounds.end());
  const auto at = [&](double q) { return bounds[static_cast<size_t>(q * static_cast<double>(bounds.size() - 1))]; };
  return {at(0.025), at(0.975)};
}

Threshold over_probes(const FaceRun& run, double fpir, const FaceEvalOptions& options) {
  if (!run.search)
    throw Error(ErrorCode::kUsage, "[threshold] protocol '" + run.protocol + "' searches for no strangers: fpir=RATE " +
                                       "goes with --protocol identify");
  const auto point = tpir_at_fpir(*run.search, fpir, options.rank, FpirRule::kStrict);
  Threshold out;
  out.reached = point.found > 0;
  out.score = std::nextafter(point.threshold, std::numeric_limits<double>::infinity());
  out.interval =
      options.bootstrap > 0 ? over_strangers(run.search->nonmated_top, fpir, options) : Interval{out.score, out.score};
  out.right = static_cast<int64_t>(run.search->mate_score.size());
  out.wrong = static_cast<int64_t>(run.search->nonmated_top.size());
  out.accepted = point.found + point.false_alarms;
  out.far = point.fpir;
  out.recall = point.tpir;
  out.precision = out.accepted == 0 ? 0 : static_cast<double>(point.found) / static_cast<double>(out.accepted);
  out.too_few = point.too_few;
  return out;
}

/// Farthest first, as many refused genuine pairs as accepted impostors: one kind may be the farther one throughout.
std::vector<WrongPair> behind(const FaceRun& run, double score) {
  const auto farther = [&](const auto& a, const auto& b) {
    return std::fabs(a.score - score) > std::fabs(b.score - score);
  };
  std::vector<WrongPair> out;
  for (const bool same : {true, false}) {
    std::vector<WrongPair> kind;
    for (const auto& pair : run.candidates)
      if (pair.same == same && same != (pair.score >= score)) kind.push_back(pair);
    std::stable_sort(kind.begin(), kind.end(), farther);
    kind.resize(std::min(kind.size(), kShownBehind / 2));
    out.insert(out.end(), kind.begin(), kind.end());
  }
  std::stable_sort(out.begin(), out.end(), farther);
  return out;
}

std::string interval_kind(const FaceThreshold& r) {
  if (r.by_people) return "people";
  if (r.threshold.interval.low == r.threshold.interval.high) return "none";
  return r.of_probes ? "strangers" : "pairs";
}

}  // namespace

FaceThreshold face_threshold(FaceEvalOptions options, const std::string& target) {
  FaceThreshold out;
  out.target = target;
  const auto parsed = parse_threshold_target(target);
  if (parsed.kind == Kind::kFar) options.fars = {parsed.value};
  if (parsed.kind == Kind::kFpir) options.fpirs = {parsed.value};
  out.run = evaluate_faces(options);
  if (parsed.kind == Kind::kFpir) {
    out.of_probes = true;
    out.threshold = over_probes(out.run, parsed.value, options);
    return out;
  }
  if (!out.run.scores)
    throw Error(ErrorCode::kUsage, "[threshold] protocol '" + options.protocol + "' compares no pairs of faces");
  if (parsed.kind == Kind::kFar) {
    out.threshold = strict(out.run, parsed.value);
    if (const auto at = out.run.threshold_intervals.find(parsed.value); at != out.run.threshold_intervals.end()) {
      out.threshold.interval = at->second;
      out.by_people = true;
    }
  } else {
    out.threshold = over_pairs(out.run, parsed, options);
    out.by_people = options.bootstrap > 0 && !out.run.scores->genuine_person.empty();
  }
  out.behind = behind(out.run, out.threshold.score);
  return out;
}

nlohmann::ordered_json face_threshold_document(const FaceThreshold& r) {
  nlohmann::ordered_json j = {{"protocol", r.run.protocol}, {"target", r.target}};
  j["threshold"] = threshold_values(r.threshold);
  j["interval_over"] = interval_kind(r);
  j["behind"] = nlohmann::ordered_json::array();
  for (const auto& pair : r.behind)
    j["behind"].push_back({{"score", pair.score},
                           {"same", pair.same},
                           {"a", r.run.set.names[static_cast<size_t>(pair.a)]},
                           {"b", r.run.set.names[static_cast<size_t>(pair.b)]}});
  j["notes"] = r.run.notes;
  j["model_digest"] = r.run.set.model_digest;
  return j;
}

std::string face_threshold_text(const FaceThreshold& r) {
  std::string out = threshold_sentence(r.threshold, r.target, r.of_probes ? "probes" : "pairs");
  const std::string over = interval_kind(r);
  out += over == "people"      ? "the interval resamples people\n"
         : over == "strangers" ? "far is FPIR, recall TPIR; the interval resamples probes of strangers\n"
         : over == "pairs"     ? "the interval resamples pairs, which share people: it is too narrow\n"
                               : "no interval\n";
  Table table({"score", "should be", "a", "b"});
  for (const auto& pair : r.behind)
    table.add({format_number(pair.score, 4), pair.same ? "accepted" : "refused",
               r.run.set.names[static_cast<size_t>(pair.a)], r.run.set.names[static_cast<size_t>(pair.b)]});
  if (!r.behind.empty()) out += table.text();
  for (const auto& note : r.run.notes) out += "note: " + note + "\n";
  return out;
}

void store_face_threshold(const fs::path& model, const FaceThreshold& r, const std::string& level) {
  const auto& pairs = r.threshold;
  store_threshold(model, level, r.target, pairs, r.run.set.model_digest,
                  {{"protocol", r.run.protocol},
                   {r.of_probes ? "probes" : "pairs", pairs.right + pairs.wrong},
                   {"views", r.run.set.features.mirrored.empty() ? "one" : "sum of both"}});
}

}  // namespace winnow
