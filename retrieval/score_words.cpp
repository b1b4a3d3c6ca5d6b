#include "retrieval/score_words.h"

#include <algorithm>

#include "retrieval/sealed_json.h"
#include "src/core/error.h"
#include "src/core/log.h"
#include "src/core/random.h"

namespace winnow {
namespace {

constexpr const char* kFormat = "winnow-scores";

/// The lowest score at which the pairs above it agree often enough. @param pairs  by score, highest first
double bound(const std::vector<std::pair<float, bool>>& pairs, double precision) {
  double lowest = 2;
  int64_t right = 0;
  for (size_t i = 0; i < pairs.size(); ++i) {
    right += pairs[i].second;
    const bool cut_here = i + 1 == pairs.size() || pairs[i + 1].first < pairs[i].first;
    if (cut_here && static_cast<double>(right) >= precision * static_cast<double>(i + 1)) {
      lowest = static_cast<double>(pairs[i].first);
    }
  }
  return lowest;
}

}  // namespace

std::string ScoreWords::word(float score) const {
  if (static_cast<double>(score) >= match) return "match";
  return static_cast<double>(score) >= possible ? "possible" : "unlikely";
}

std::string ScoreWords::verdict(float best) const {
  const std::string found = word(best);
  if (found == "unlikely") return "no confident match";
  return found == "match" ? "match" : "possible match";
}

ScoreWords calibrate_scores(const Index& index, int64_t sample, uint64_t seed) {
  auto ids = index.ids("label <> ''");
  Random(seed, "index.scores").shuffle(ids);
  ids.resize(std::min(ids.size(), static_cast<size_t>(std::max<int64_t>(sample, 1))));
  ScoreWords words;
  std::vector<std::pair<float, bool>> pairs;
  for (const int64_t id : ids) {
    const std::string label = index.item(id).label;
    SearchOptions options;
    options.exclude = id;
    const auto hits = index.search(index.vector(id), options);
    for (const auto& hit : hits.front()) pairs.emplace_back(hit.score, index.item(hit.id).label == label);
  }
  if (pairs.empty()) {
    throw Error(ErrorCode::kData, "[index calibrate] at least two items with labels are required, there are none");
  }
  std::sort(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  words.queries = static_cast<int64_t>(ids.size());
  words.pairs = static_cast<int64_t>(pairs.size());
  words.match = bound(pairs, words.match_precision);
  words.possible = std::min(words.match, bound(pairs, words.possible_precision));
  words.model_digest = index.info().model_digest;
  return words;
}

void write_score_words(const fs::path& folder, const ScoreWords& w) {
  write_sealed_json(folder / "scores.json",
                    {{"match", w.match},
                     {"possible", w.possible},
                     {"match_precision", w.match_precision},
                     {"possible_precision", w.possible_precision},
                     {"queries", w.queries},
                     {"pairs", w.pairs},
                     {"model_digest", w.model_digest}},
                    kFormat);
}

std::optional<ScoreWords> read_score_words(const fs::path& folder, const std::string& model_digest) {
  const fs::path file = folder / "scores.json";
  if (!fs::exists(file)) return {};
  const auto j = read_sealed_json(file, kFormat);
  ScoreWords w;
  w.match = json_field<double>(j, "match", file);
  w.possible = json_field<double>(j, "possible", file);
  w.match_precision = json_field<double>(j, "match_precision", file);
  w.possible_precision = json_field<double>(j, "possible_precision", file);
  w.queries = json_field<int64_t>(j, "queries", file);
  w.pairs = json_field<int64_t>(j, "pairs", file);
  w.model_digest = json_field<std::string>(j, "model_digest", file);
  if (w.model_digest == model_digest) return w;
  log_warning("{}: calibrated for another model; `winnow index calibrate` measures anew", file.string());
  return {};
}

}  // namespace winnow
