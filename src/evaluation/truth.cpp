#include "src/evaluation/truth.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "src/core/error.h"
#include "src/core/parallel.h"

namespace winnow {
namespace {

void sort_distinct(std::vector<int64_t>& rows) {
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
}

bool holds(const std::vector<int64_t>& sorted, int64_t row) {
  return std::binary_search(sorted.begin(), sorted.end(), row);
}

void check_mask(std::span<const int64_t> mask, int64_t rows, const char* name) {
  if (!mask.empty() && mask.size() != static_cast<size_t>(rows))
    throw Error(ErrorCode::kShape, std::string("[evaluation] ") + name + " must have one value a row, " +
                                       std::to_string(rows) + ", given " + std::to_string(mask.size()));
}

void check_masks(const Masks& masks, int64_t queries, int64_t gallery) {
  check_mask(masks.query_camera, queries, "cameras of the queries");
  check_mask(masks.gallery_camera, gallery, "cameras of the gallery");
  check_mask(masks.query_sequence, queries, "sequences of the queries");
  check_mask(masks.gallery_sequence, gallery, "sequences of the gallery");
  if (masks.query_camera.empty() != masks.gallery_camera.empty() ||
      masks.query_sequence.empty() != masks.gallery_sequence.empty())
    throw Error(ErrorCode::kShape, "[evaluation] a mask needs values of both sides, given those of one");
}

}  // namespace

std::vector<int64_t> rows_of_ids(std::span<const int64_t> queries, std::span<const int64_t> gallery) {
  std::vector<int64_t> rows(gallery.size()), out;
  std::iota(rows.begin(), rows.end(), 0);
  std::sort(rows.begin(), rows.end(), [&](int64_t a, int64_t b) { return gallery[a] < gallery[b]; });
  for (size_t i = 1; i < rows.size(); ++i)
    if (gallery[rows[i]] == gallery[rows[i - 1]])
      throw Error(ErrorCode::kData, "[evaluation] gallery ids must be unique, but rows " +
                                        std::to_string(std::min(rows[i], rows[i - 1])) + " and " +
                                        std::to_string(std::max(rows[i], rows[i - 1])) + " both have id " +
                                        std::to_string(gallery[rows[i]]));
  for (const int64_t id : queries) {
    const auto at = std::partition_point(rows.begin(), rows.end(), [&](int64_t r) { return gallery[r] < id; });
    out.push_back(at != rows.end() && gallery[*at] == id ? *at : -1);
  }
  return out;
}

void Truth::divide(int64_t queries) {
  for (int64_t q = 0; q < queries; ++q) (relevant(q) > 0 ? order_ : excluded_).push_back(q);
  std::stable_sort(order_.begin(), order_.end(), [this](int64_t a, int64_t b) { return group(a) < group(b); });
}

RowsByValue::RowsByValue(std::span<const int64_t> values) {
  for (size_t row = 0; row < values.size(); ++row)
    if (values[row] >= 0) rows_.push_back(static_cast<int64_t>(row));
  std::stable_sort(rows_.begin(), rows_.end(), [&](int64_t a, int64_t b) { return values[a] < values[b]; });
  for (size_t i = 0; i < rows_.size(); ++i) {
    const int64_t value = values[rows_[i]];
    if (!values_.empty() && values_.back() == value) continue;
    values_.push_back(value);
    begin_.push_back(static_cast<int64_t>(i));
  }
  begin_.push_back(static_cast<int64_t>(rows_.size()));
}

int64_t RowsByValue::index(int64_t value) const {
  const auto at = std::lower_bound(values_.begin(), values_.end(), value);
  return at == values_.end() || *at != value ? -1 : at - values_.begin();
}

std::span<const int64_t> RowsByValue::rows(int64_t value) const {
  const int64_t i = index(value);
  if (i < 0) return {};
  return std::span(rows_).subspan(static_cast<size_t>(begin_[i]), static_cast<size_t>(begin_[i + 1] - begin_[i]));
}

LabelTruth::LabelTruth(const VectorSet& queries, const VectorSet& gallery, bool same_set, const Masks& masks)
    : queries_(queries),
      gallery_(gallery),
      masks_(masks),
      by_label_(gallery.labels),
      by_sequence_(masks.gallery_sequence) {
  check_masks(masks, queries.rows, gallery.rows);
  const auto self = rows_of_ids(queries.ids, gallery.ids);
  if (same_set) self_rows_ = self;
  relevant_.resize(static_cast<size_t>(queries.rows));
  const bool masked = !masks.query_camera.empty() || !masks.query_sequence.empty();
  parallel_for(queries.rows, [&](int64_t begin, int64_t end) {
    std::vector<Role> found;
    for (int64_t q = begin; q < end; ++q) {
      const auto rows = by_label_.rows(queries_.labels[q]);
      int64_t count = static_cast<int64_t>(rows.size());
      if (masked) {
        roles(q, rows, found);
        count = std::count(found.begin(), found.end(), Role::kRelevant);
      } else if (same_set && self_rows_[q] >= 0 && count > 0 && gallery_.labels[self_rows_[q]] == queries_.labels[q]) {
        --count;
      }
      relevant_[static_cast<size_t>(q)] = count;
    }
  });
  divide(queries.rows);
}

bool LabelTruth::alone(int64_t query) const {
  if (!masks_.query_sequence.empty() && masks_.query_sequence[query] >= 0) return true;
  return !self_rows_.empty() && self_rows_[query] >= 0 && gallery_.labels[self_rows_[query]] != queries_.labels[query];
}

int64_t LabelTruth::group(int64_t query) const {
  return alone(query) ? -1 - query : by_label_.index(queries_.labels[query]);
}

void LabelTruth::candidates(int64_t query, std::vector<int64_t>& rows) const {
  const auto same = by_label_.rows(queries_.labels[query]);
  rows.assign(same.begin(), same.end());
  if (!alone(query)) return;
  if (!masks_.query_sequence.empty()) {
    const auto sequence = by_sequence_.rows(masks_.query_sequence[query]);
    rows.insert(rows.end(), sequence.begin(), sequence.end());
  }
  if (!self_rows_.empty() && self_rows_[query] >= 0) rows.push_back(self_rows_[query]);
  sort_distinct(rows);
}

int64_t LabelTruth::candidate_count(int64_t query) const {
  auto count = static_cast<int64_t>(by_label_.rows(queries_.labels[query]).size());
  if (alone(query)) {
    if (!masks_.query_sequence.empty())
      count += static_cast<int64_t>(by_sequence_.rows(masks_.query_sequence[query]).size());
    ++count;
  }
  return count;
}

Role LabelTruth::role(int64_t query, int64_t row) const {
  const bool same_label = queries_.labels[query] >= 0 && gallery_.labels[row] == queries_.labels[query];
  if (!self_rows_.empty() && self_rows_[query] == row) return Role::kIgnored;
  if (!masks_.query_sequence.empty() && masks_.query_sequence[query] >= 0 &&
      masks_.query_sequence[query] == masks_.gallery_sequence[row])
    return Role::kIgnored;
  if (!same_label) return Role::kOther;
  if (!masks_.query_camera.empty() && masks_.query_camera[query] >= 0 &&
      masks_.query_camera[query] == masks_.gallery_camera[row])
    return Role::kIgnored;
  return Role::kRelevant;
}

void LabelTruth::roles(int64_t query, std::span<const int64_t> rows, std::vector<Role>& out) const {
  out.resize(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) out[i] = role(query, rows[i]);
}

ListTruth::ListTruth(std::vector<Lists> lists, int64_t gallery_rows) : lists_(std::move(lists)) {
  for (size_t q = 0; q < lists_.size(); ++q) {
    for (auto* rows : {&lists_[q].positive, &lists_[q].ignored}) {
      sort_distinct(*rows);
      if (!rows->empty() && (rows->front() < 0 || rows->back() >= gallery_rows))
        throw Error(ErrorCode::kShape, "[evaluation] the lists of query " + std::to_string(q) +
                                           " must name gallery rows in [0, " + std::to_string(gallery_rows) + ")");
    }
    std::erase_if(lists_[q].positive, [&](int64_t row) { return holds(lists_[q].ignored, row); });
  }
  divide(static_cast<int64_t>(lists_.size()));
}

void ListTruth::candidates(int64_t query, std::vector<int64_t>& rows) const {
  const auto& lists = lists_[static_cast<size_t>(query)];
  rows = lists.positive;
  rows.insert(rows.end(), lists.ignored.begin(), lists.ignored.end());
  sort_distinct(rows);
}

int64_t ListTruth::candidate_count(int64_t query) const {
  const auto& lists = lists_[static_cast<size_t>(query)];
  return static_cast<int64_t>(lists.positive.size() + lists.ignored.size());
}

Role ListTruth::role(int64_t query, int64_t row) const {
  const auto& lists = lists_[static_cast<size_t>(query)];
  if (holds(lists.ignored, row)) return Role::kIgnored;
  return holds(lists.positive, row) ? Role::kRelevant : Role::kOther;
}

void ListTruth::roles(int64_t query, std::span<const int64_t> rows, std::vector<Role>& out) const {
  out.resize(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) out[i] = role(query, rows[i]);
}

int64_t ListTruth::relevant(int64_t query) const {
  return static_cast<int64_t>(lists_[static_cast<size_t>(query)].positive.size());
}

ShareTruth::ShareTruth(std::span<const uint64_t> queries, std::span<const uint64_t> gallery, int64_t words,
                       std::vector<int64_t> self)
    : queries_(queries),
      gallery_(gallery),
      words_(words),
      rows_(static_cast<int64_t>(gallery.size()) / std::max<int64_t>(words, 1)),
      self_(std::move(self)) {
  if (words < 1 || queries.size() % static_cast<size_t>(words) != 0 || gallery.size() % static_cast<size_t>(words) != 0)
    throw Error(ErrorCode::kShape, "[evaluation] label bits must come in rows of " + std::to_string(words) + " words");
  relevant_.resize(queries.size() / static_cast<size_t>(words));
  parallel_for(static_cast<int64_t>(relevant_.size()), [&](int64_t begin, int64_t end) {
    for (int64_t q = begin; q < end; ++q)
      for (int64_t row = 0; row < rows_; ++row) relevant_[static_cast<size_t>(q)] += role(q, row) == Role::kRelevant;
  });
  divide(static_cast<int64_t>(relevant_.size()));
}

bool ShareTruth::shares(int64_t query, int64_t row) const {
  for (int64_t w = 0; w < words_; ++w)
    if (queries_[static_cast<size_t>(query * words_ + w)] & gallery_[static_cast<size_t>(row * words_ + w)])
      return true;
  return false;
}

Role ShareTruth::role(int64_t query, int64_t row) const {
  if (!self_.empty() && self_[static_cast<size_t>(query)] == row) return Role::kIgnored;
  return shares(query, row) ? Role::kRelevant : Role::kOther;
}

void ShareTruth::candidates(int64_t query, std::vector<int64_t>& rows) const {
  rows.clear();
  for (int64_t row = 0; row < rows_; ++row)
    if (role(query, row) != Role::kOther) rows.push_back(row);
}

int64_t ShareTruth::candidate_count(int64_t query) const { return relevant(query) + 1; }

void ShareTruth::roles(int64_t query, std::span<const int64_t> rows, std::vector<Role>& out) const {
  out.resize(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) out[i] = role(query, rows[i]);
}

}  // namespace winnow
