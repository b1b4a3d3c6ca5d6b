#include "src/serve/score_words.h"

#include <algorithm>
#include <set>

namespace winnow {

const char* ScoreWords::word(double score) const {
  if (pairs == 0) return "";
  return score >= same ? "same" : (score >= similar ? "similar" : "unlikely");
}

ScoreWords learn_score_words(const Index& index, int64_t sample) {
  const auto ids = index.ids();
  const size_t step = std::max<size_t>(1, ids.size() / static_cast<size_t>(sample));
  std::vector<std::pair<float, bool>> pairs;
  std::set<std::string> labels;
  for (size_t i = 0; i < ids.size(); i += step) {
    const std::string label = index.item(ids[i]).label;
    if (label.empty()) continue;
    labels.insert(label);
    SearchOptions options;
    options.exclude = ids[i];
    const auto hits = index.search(index.vector(ids[i]), options);
    for (const Hit& hit : hits[0])
      if (const std::string other = index.item(hit.id).label; !other.empty())
        pairs.emplace_back(hit.score, other == label);
  }
  ScoreWords words;
  if (labels.size() < 2 || pairs.size() < 50) return words;
  words.pairs = static_cast<int64_t>(pairs.size());
  std::sort(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  int64_t good = 0;
  for (size_t i = 0; i < pairs.size(); ++i) {
    good += pairs[i].second;
    const double precision = static_cast<double>(good) / static_cast<double>(i + 1);
    const bool enough = i + 1 >= 20 && (i + 1 == pairs.size() || pairs[i + 1].first < pairs[i].first);
    if (enough && precision >= 0.9) words.same = pairs[i].first;
    if (enough && precision >= 0.5) words.similar = pairs[i].first;
  }
  return words;
}

}  // namespace winnow
