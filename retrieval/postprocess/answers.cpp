#include "retrieval/postprocess/answers.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "retrieval/exact_scan.h"
#include "retrieval/postprocess/expansion.h"
#include "retrieval/postprocess/rerank.h"
#include "src/core/error.h"
#include "src/core/text.h"

namespace winnow {
namespace {

std::vector<float> vectors_of(const Index& index, const std::vector<Hit>& hits) {
  std::vector<float> rows;
  for (const auto& hit : hits) {
    const auto vector = index.vector(hit.id);
    rows.insert(rows.end(), vector.begin(), vector.end());
  }
  return rows;
}

void check(const Index& index, const RefineOptions& options) {
  if (options.expand < 0 || options.depth < 1 || !(options.collapse >= 0 && options.collapse <= 1)) {
    throw Error(ErrorCode::kUsage, "[query] expand >= 0, depth >= 1 and collapse in [0, 1] are required");
  }
  const auto columns = index.columns();
  if (options.group_by.empty() || std::find(columns.begin(), columns.end(), options.group_by) != columns.end()) return;
  const auto near = nearest_name(options.group_by, columns);
  throw Error(ErrorCode::kUsage, "[query] an item column (" + join(columns, ", ") + ") is required to group by, got '" +
                                     options.group_by + "'" + (near ? " (did you mean '" + *near + "'?)" : ""));
}

std::vector<float> expanded(const Index& index, std::span<const float> query, const SearchOptions& search,
                            const RefineOptions& options) {
  std::vector<float> unit(query.begin(), query.end());
  if (options.expand == 0) return unit;
  SearchOptions first = search;
  first.k = options.expand;
  const auto found = index.search(query, first);
  normalise(query.data(), unit.data(), index.dim());
  return expand_query(unit, vectors_of(index, found.front()), {options.expand, options.alpha, 1});
}

void reorder(const Index& index, const std::vector<float>& query, const std::string& method, std::vector<Hit>& hits) {
  if (hits.size() < 2) return;
  const auto rows = vectors_of(index, hits);
  std::vector<float> unit(query.size());
  normalise(query.data(), unit.data(), index.dim());
  std::vector<float> scores;
  rerank(method, {unit, rows, index.dim()},
         [&](int64_t, std::span<const float> row) { scores.assign(row.begin(), row.end()); });
  std::vector<size_t> order(hits.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores[a] > scores[b]; });
  std::vector<Hit> sorted;
  for (const size_t i : order) sorted.push_back(hits[i]);
  hits = std::move(sorted);
}

std::string value_of(const IndexItem& item, const std::string& column) {
  if (column == "id") return std::to_string(item.id);
  if (column == "path") return item.path;
  if (column == "label") return item.label;
  for (const auto& [name, value] : item.columns) {
    if (name == column) return value;
  }
  return {};
}

}  // namespace

std::vector<RefinedHit> refined_search(const Index& index, std::span<const float> query, const SearchOptions& search,
                                       const RefineOptions& options, std::string* plan) {
  check(index, options);
  const auto asked = expanded(index, query, search, options);
  SearchOptions wide = search;
  const bool narrows = !options.rerank.empty() || options.collapse > 0 || !options.group_by.empty();
  if (narrows) wide.k = std::max(options.depth, 4 * search.k);
  auto hits = index.search(asked, wide, plan).front();
  if (!options.rerank.empty()) reorder(index, asked, options.rerank, hits);
  std::vector<RefinedHit> kept;
  std::vector<std::vector<float>> kept_vectors;
  std::set<std::string> groups;
  for (const auto& hit : hits) {
    const auto vector = options.collapse > 0 ? index.vector(hit.id) : std::vector<float>();
    const auto same = std::find_if(kept_vectors.begin(), kept_vectors.end(), [&](const std::vector<float>& other) {
      return options.collapse > 0 && exact_score(vector.data(), other.data(), index.dim()) >= options.collapse;
    });
    if (same != kept_vectors.end()) {
      kept[static_cast<size_t>(same - kept_vectors.begin())].duplicates.push_back(hit.id);
      continue;
    }
    if (static_cast<int64_t>(kept.size()) == search.k) continue;  // later hits may still be duplicates
    if (!options.group_by.empty() && !groups.insert(value_of(index.item(hit.id), options.group_by)).second) continue;
    kept.push_back({hit.id, hit.score, {}});
    kept_vectors.push_back(vector);
  }
  return kept;
}

}  // namespace winnow
