#include "src/report/eval_findings.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace winnow {
namespace {

int64_t query_label(const EvalReport& report, const QueryResult& q) { return report.queries.labels[q.query_row]; }
int64_t hit_label(const EvalReport& report, const ScoredHit& h) { return report.gallery.labels[h.gallery_row]; }

}  // namespace

std::vector<ConfusedPair> confused_pairs(const EvalReport& report) {
  std::map<std::pair<int64_t, int64_t>, ConfusedPair> pairs;
  const auto& queries = report.result->queries;
  for (size_t i = 0; i < queries.size(); ++i) {
    if (queries[i].first_rank == 0 || queries[i].top.empty()) continue;
    const int64_t asked = query_label(report, queries[i]), got = hit_label(report, queries[i].top[0]);
    if (got < 0 || got == asked) continue;
    auto& p = pairs[std::minmax(asked, got)];
    p.first = std::min(asked, got);
    p.second = std::max(asked, got);
    ++p.errors;
    p.reverse += asked == p.second ? 1 : 0;
    if (p.examples.size() < 2) p.examples.push_back(i);
  }
  std::vector<ConfusedPair> out;
  for (auto& [labels, p] : pairs) {
    if (2 * p.reverse > p.errors) {
      std::swap(p.first, p.second);
      p.reverse = p.errors - p.reverse;
    }
    out.push_back(std::move(p));
  }
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.errors > b.errors; });
  return out;
}

std::vector<ClassScore> class_scores(const EvalReport& report) {
  std::map<int64_t, ClassScore> by_label;
  for (const auto& q : report.result->queries) {
    auto& c = by_label[query_label(report, q)];
    ++c.queries;
    c.first_hit += q.first_rank == 0 ? 1.0 : 0.0;
    c.ap += q.ap_finite;
    c.map_at_r += q.map_at_r;
  }
  for (const int64_t label : report.gallery.labels)
    if (const auto found = by_label.find(label); found != by_label.end()) ++found->second.gallery;
  std::vector<ClassScore> out;
  for (auto& [label, c] : by_label) {
    const auto n = static_cast<double>(c.queries);
    out.push_back({label, c.queries, c.gallery, c.first_hit / n, c.ap / n, c.map_at_r / n});
  }
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.ap < b.ap; });
  return out;
}

std::vector<size_t> worst_queries(const EvalReport& report, int64_t count) {
  const auto& queries = report.result->queries;
  std::vector<size_t> order(queries.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    if (queries[a].ap_finite != queries[b].ap_finite) return queries[a].ap_finite < queries[b].ap_finite;
    return queries[a].first_rank > queries[b].first_rank;
  });
  std::map<int64_t, int> seen;
  std::vector<size_t> out;
  for (const size_t i : order) {
    if (static_cast<int64_t>(out.size()) >= count || queries[i].ap_finite >= 1.0) break;
    if (seen[query_label(report, queries[i])]++ < 3) out.push_back(i);
  }
  return out;
}

int64_t unanimous_other_label(const EvalReport& report, const QueryResult& query) {
  const size_t looked_at = std::min<size_t>(5, query.top.size());
  if (looked_at < 3) return -1;
  const int64_t other = hit_label(report, query.top[0]);
  if (other == query_label(report, query)) return -1;
  for (size_t i = 1; i < looked_at; ++i)
    if (hit_label(report, query.top[i]) != other) return -1;
  return other;
}

std::vector<SizeBucket> size_buckets(const RetrievalResult& result) {
  constexpr int64_t kUpTo[] = {1, 5, 20, INT64_MAX};
  std::vector<SizeBucket> out = {{"1", 0, 0, 0}, {"2 to 5", 0, 0, 0}, {"6 to 20", 0, 0, 0}, {"21 and more", 0, 0, 0}};
  for (const auto& q : result.queries) {
    size_t b = 0;
    while (q.relevant > kUpTo[b]) ++b;
    ++out[b].queries;
    out[b].first_hit += q.first_rank == 0 ? 1.0 : 0.0;
    out[b].ap += q.ap_finite;
  }
  std::erase_if(out, [](const SizeBucket& b) { return b.queries == 0; });
  for (auto& b : out) {
    b.first_hit /= static_cast<double>(b.queries);
    b.ap /= static_cast<double>(b.queries);
  }
  return out;
}

std::string label_name(const EvalReport& report, int64_t label) {
  if (label < 0) return "no label";
  if (label < static_cast<int64_t>(report.label_names.size())) return report.label_names[label];
  return "class " + std::to_string(label);
}

double first_hit_share(const RetrievalResult& result) {
  double right = 0;
  for (const auto& q : result.queries) right += q.first_rank == 0 ? 1.0 : 0.0;
  return result.queries.empty() ? 0.0 : right / static_cast<double>(result.queries.size());
}

}  // namespace winnow
