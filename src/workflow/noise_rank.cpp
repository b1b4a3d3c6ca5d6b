#include "src/workflow/noise_rank.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "src/core/error.h"
#include "src/core/text.h"
#include "src/labels/class_centres.h"
#include "src/labels/confident.h"
#include "src/workflow/data_duplicates.h"
#include "src/workflow/noise_neighbours.h"
#include "src/workflow/pictures.h"

namespace winnow {
namespace {

Signal quality_signal(const std::string& name, std::vector<float> quality, const Probabilities& table,
                      const GivenLabels& given) {
  Signal out = probability_signal(table, given);
  out.name = name;
  for (size_t i = 0; i < quality.size(); ++i) out.wrong[i] = 1 - quality[i];
  return out;
}

std::vector<std::string> possible_methods(const NoiseSource& source) {
  std::vector<std::string> out;
  if (source.probabilities.rows > 0) out.push_back("probabilities");
  if (!source.vectors.empty()) out.insert(out.end(), {"neighbours", "prototype", "duplicates"});
  if (!source.trust.empty()) out.push_back("trust");
  if (!source.dynamics.empty()) out.push_back("dynamics");
  if (!source.answers.empty()) out.push_back("votes");
  return out;
}

void need(bool there, const std::string& method) {
  if (there) return;
  for (const auto& [name, what] : noise_methods())
    if (name == method) throw Error(ErrorCode::kUsage, "[noise] the method " + method + " needs " + what);
}

std::vector<std::pair<int64_t, int64_t>> find_twins(const NoiseJudgement& j) {
  std::vector<std::pair<int64_t, int64_t>> candidates;
  for (int64_t i = 0; i < j.neighbours.n; ++i)
    for (int64_t k = i * j.neighbours.k; k < (i + 1) * j.neighbours.k; ++k) {
      const int32_t other = j.neighbours.rows[static_cast<size_t>(k)];
      if (other <= i || j.neighbours.cosines[static_cast<size_t>(k)] < j.request.duplicate_cosine) continue;
      if (j.source.labels[static_cast<size_t>(i)] != j.source.labels[static_cast<size_t>(other)])
        candidates.emplace_back(i, other);
    }
  if (candidates.empty() || j.source.pictures.empty()) return {};
  const PictureFinder finder(j.source.pictures);
  return verified_pairs(candidates,
                        [&](int64_t i) { return finder.picture(j.source.rows.paths[static_cast<size_t>(i)]); });
}

Signal make_signal(const std::string& method, NoiseJudgement& j) {
  const NoiseSource& s = j.source;
  const GivenLabels given = s.given();
  const bool table = s.probabilities.rows > 0, vectors = !s.vectors.empty();
  if (method == "probabilities") return need(table, method), probability_signal(s.probabilities, given);
  if (method == "self_confidence")
    return need(table, method),
           quality_signal(method, count_confident(s.probabilities, s.labels).self, s.probabilities, given);
  if (method == "normalized_margin")
    return need(table, method),
           quality_signal(method, normalized_margin(s.probabilities, s.labels), s.probabilities, given);
  if (method == "neighbours") return need(vectors, method), neighbour_signal(j.neighbours, given);
  if (method == "prototype") return need(vectors, method), prototype_signal(s.unit_vectors(), given);
  if (method == "subcentre")
    return need(vectors, method), subcentre_signal(s.unit_vectors(), given, 3, 75, j.request.seed);
  if (method == "duplicates") {
    need(vectors, method);
    j.twins = find_twins(j);
    return duplicate_signal(j.twins, given);
  }
  if (method == "trust") return need(!s.trust.empty(), method), trust_signal(s.trust, given);
  if (method == "dynamics") return need(!s.dynamics.empty(), method), dynamics_signal(s.dynamics, given);
  if (method == "votes") return need(!s.answers.empty(), method), vote_signal(s.answers, given);
  std::vector<std::string> names;
  for (const auto& [name, what] : noise_methods()) names.push_back(name);
  const auto near = nearest_name(method, names);
  throw Error(ErrorCode::kUsage, "[noise] the method must be one of " + join(names, ", ") + "; got '" + method + "'" +
                                     (near ? " (did you mean '" + *near + "'?)" : ""));
}

// A cut of confident learning takes the place of the estimated number: its rows come first.
void cut_by_filter(NoiseJudgement& j) {
  need(j.source.probabilities.rows > 0, "probabilities");
  const auto counts = count_confident(j.source.probabilities, j.source.labels);
  const auto flags = find_label_errors(j.source.probabilities, j.source.labels, counts, j.request.filter);
  for (size_t i = 0; i < flags.size(); ++i)
    j.combined.wrong[i] = flags[i] != 0 ? 0.5f + j.combined.wrong[i] / 2 : j.combined.wrong[i] / 2;
}

KindEvidence evidence_of(const NoiseJudgement& j) {
  KindEvidence out;
  out.duplicate.assign(j.source.labels.size(), 0);
  for (const auto& [a, b] : j.twins) out.duplicate[static_cast<size_t>(a)] = out.duplicate[static_cast<size_t>(b)] = 1;
  if (j.source.vectors.empty()) return out;
  const auto scores =
      score_centres(j.source.unit_vectors(), j.source.labels,
                    sum_classes(j.source.unit_vectors(), j.source.labels, j.source.given().classes(), {}), {});
  out.nearest.resize(scores.other.size());
  for (size_t i = 0; i < out.nearest.size(); ++i) out.nearest[i] = std::fmax(scores.own[i], scores.other[i]);
  return out;
}

}  // namespace

const std::vector<std::pair<std::string, std::string>>& noise_methods() {
  static const std::vector<std::pair<std::string, std::string>> methods = {
      {"probabilities", "--probs"},
      {"self_confidence", "--probs"},
      {"normalized_margin", "--probs"},
      {"neighbours", "embeddings"},
      {"prototype", "embeddings"},
      {"subcentre", "embeddings"},
      {"duplicates", "embeddings and the pictures"},
      {"trust", "a run with trust.csv (train with a trust estimator)"},
      {"dynamics", "a run with dynamics.csv (train with a classification loss)"},
      {"votes", "--votes COLUMN"}};
  return methods;
}

std::unique_ptr<NoiseJudgement> judge_labels(const NoiseRequest& request) {
  auto j = std::make_unique<NoiseJudgement>();
  j->request = request;
  j->source = open_noise_source(request);
  if (!j->source.vectors.empty()) j->neighbours = self_neighbours(j->source.unit_vectors(), request.neighbours);
  const auto methods = request.methods.empty() ? possible_methods(j->source) : request.methods;
  for (const auto& method : methods) j->signals.push_back(make_signal(method, *j));
  j->combined = combine_signals(j->signals);
  if (!request.filter.empty()) cut_by_filter(*j);
  // Scores of a classifier alone say how strong it is as much as how wrong the labels are.
  int64_t counted = -1;
  if (j->source.vectors.empty() && j->source.trust.empty() && j->source.probabilities.rows > 0) {
    const auto counts = count_confident(j->source.probabilities, j->source.labels);
    const auto flags = find_label_errors(j->source.probabilities, j->source.labels, counts, "confident_learning");
    counted = std::count(flags.begin(), flags.end(), 1);
  }
  j->estimate = estimate_noise(j->combined, j->source.given(), evidence_of(*j), request.seed, counted);
  if (!request.filter.empty())
    j->estimate.suspects =
        std::count_if(j->combined.wrong.begin(), j->combined.wrong.end(), [](float w) { return w >= 0.5f; });
  j->suspects = rank_suspects({j->source.given(), j->signals, j->combined, j->estimate,
                               j->source.vectors.empty() ? nullptr : &j->neighbours, request.top});
  return j;
}

}  // namespace winnow
