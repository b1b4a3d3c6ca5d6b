#include "src/evaluation/relevance.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "src/core/error.h"

namespace winnow {
namespace {

std::vector<int64_t> rows_by_id(const VectorSet& set) {
  std::vector<int64_t> rows(static_cast<size_t>(set.rows));
  std::iota(rows.begin(), rows.end(), 0);
  std::sort(rows.begin(), rows.end(), [&](int64_t a, int64_t b) { return set.ids[a] < set.ids[b]; });
  for (size_t i = 1; i < rows.size(); ++i)
    if (set.ids[rows[i]] == set.ids[rows[i - 1]])
      throw Error(ErrorCode::kData, "[evaluation] gallery ids must be unique, but rows " +
                                        std::to_string(std::min(rows[i], rows[i - 1])) + " and " +
                                        std::to_string(std::max(rows[i], rows[i - 1])) + " both have id " +
                                        std::to_string(set.ids[rows[i]]));
  return rows;
}

}  // namespace

Relevance::Relevance(const VectorSet& queries, const VectorSet& gallery, bool same_set)
    : queries_(queries), gallery_(gallery) {
  const auto by_id = rows_by_id(gallery);
  if (same_set) {
    for (const int64_t id : queries.ids) {
      const auto at = std::partition_point(by_id.begin(), by_id.end(), [&](int64_t r) { return gallery.ids[r] < id; });
      self_rows_.push_back(at != by_id.end() && gallery.ids[*at] == id ? *at : -1);
    }
  }
  for (int64_t row = 0; row < gallery.rows; ++row)
    if (gallery.labels[row] >= 0) by_label_.push_back(row);
  std::stable_sort(by_label_.begin(), by_label_.end(),
                   [&](int64_t a, int64_t b) { return gallery.labels[a] < gallery.labels[b]; });
  for (size_t i = 0; i < by_label_.size(); ++i) {
    const int64_t label = gallery.labels[by_label_[i]];
    if (!labels_.empty() && labels_.back() == label) continue;
    labels_.push_back(label);
    begin_.push_back(static_cast<int64_t>(i));
  }
  begin_.push_back(static_cast<int64_t>(by_label_.size()));
  for (int64_t q = 0; q < queries.rows; ++q) (count(q) > 0 ? order_ : excluded_).push_back(q);
  std::stable_sort(order_.begin(), order_.end(),
                   [&](int64_t a, int64_t b) { return queries.labels[a] < queries.labels[b]; });
}

std::span<const int64_t> Relevance::rows(int64_t query) const {
  const auto at = std::lower_bound(labels_.begin(), labels_.end(), queries_.labels[query]);
  if (at == labels_.end() || *at != queries_.labels[query]) return {};
  const auto i = static_cast<size_t>(at - labels_.begin());
  return std::span(by_label_).subspan(static_cast<size_t>(begin_[i]), static_cast<size_t>(begin_[i + 1] - begin_[i]));
}

int64_t Relevance::count(int64_t query) const {
  const auto all = static_cast<int64_t>(rows(query).size());
  const int64_t self = self_row(query);
  return all - (all > 0 && self >= 0 && gallery_.labels[self] == queries_.labels[query] ? 1 : 0);
}

}  // namespace winnow
