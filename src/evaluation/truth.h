#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/evaluation/retrieval.h"

namespace winnow {

/// What a gallery row is to a query. Ignored rows (the query itself, junk, same camera, same sequence) are taken out
/// before ranking: they are neither hits nor misses and hold no rank (retrieval.md 1.2).
enum class Role : uint8_t { kOther, kRelevant, kIgnored };

/// Ground truth of an evaluation. Thread-safe once made.
class Truth {
 public:
  virtual ~Truth() = default;
  /// Queries with a relevant item; those of one group side by side.
  const std::vector<int64_t>& order() const { return order_; }
  const std::vector<int64_t>& excluded() const { return excluded_; }  ///< the others, ascending

  /// Queries of one group share their candidates, whose scores are then made in one go.
  virtual int64_t group(int64_t query) const { return query; }
  /// Rows, ascending, that are relevant to or ignored for some query of the group; every other row is kOther to all.
  virtual void candidates(int64_t query, std::vector<int64_t>& rows) const = 0;
  virtual int64_t candidate_count(int64_t query) const = 0;
  virtual void roles(int64_t query, std::span<const int64_t> rows, std::vector<Role>& out) const = 0;
  virtual Role role(int64_t query, int64_t row) const = 0;
  virtual int64_t relevant(int64_t query) const = 0;  ///< number of relevant rows

 protected:
  /// Fills order_ and excluded_ from relevant() and group().
  void divide(int64_t queries);
  std::vector<int64_t> order_, excluded_;
};

/// Rows that share a value, by value. Negative values are no group.
class RowsByValue {
 public:
  explicit RowsByValue(std::span<const int64_t> values);
  /// Ascending; empty when no row has the value.
  std::span<const int64_t> rows(int64_t value) const;
  int64_t index(int64_t value) const;  ///< of the value among the distinct ones, -1 when there is none

 private:
  std::vector<int64_t> rows_, values_, begin_;
};

/// Equal non-negative labels are relevant, less what the masks of the options take out: the query's own id where
/// query set = gallery, rows of the query's label taken by its camera, and every row of its sequence.
class LabelTruth final : public Truth {
 public:
  /// The arguments must outlive the object. @throws Error(kData) for equal ids in the gallery, Error(kShape) when a
  /// mask has another number of rows than its set
  LabelTruth(const VectorSet& queries, const VectorSet& gallery, bool same_set, const Masks& masks);

  int64_t group(int64_t query) const override;
  void candidates(int64_t query, std::vector<int64_t>& rows) const override;
  int64_t candidate_count(int64_t query) const override;
  void roles(int64_t query, std::span<const int64_t> rows, std::vector<Role>& out) const override;
  Role role(int64_t query, int64_t row) const override;
  int64_t relevant(int64_t query) const override { return relevant_[static_cast<size_t>(query)]; }

 private:
  bool alone(int64_t query) const;  ///< has candidates of other labels
  VectorSet queries_, gallery_;
  Masks masks_;
  RowsByValue by_label_, by_sequence_;
  std::vector<int64_t> self_rows_, relevant_;
};

/// Explicit lists (Oxford, Revisited Oxford, GLDv2): positives and ignored rows of each query.
class ListTruth final : public Truth {
 public:
  struct Lists {
    std::vector<int64_t> positive, ignored;  ///< gallery rows
  };
  /// A row in both lists is ignored. @throws Error(kShape) for a row outside [0, gallery_rows)
  ListTruth(std::vector<Lists> lists, int64_t gallery_rows);

  void candidates(int64_t query, std::vector<int64_t>& rows) const override;
  int64_t candidate_count(int64_t query) const override;
  void roles(int64_t query, std::span<const int64_t> rows, std::vector<Role>& out) const override;
  Role role(int64_t query, int64_t row) const override;
  int64_t relevant(int64_t query) const override;

 private:
  std::vector<Lists> lists_;  ///< each sorted, distinct
};

/// Multi-label sets (NUS-WIDE, COCO, VOC): relevant where two rows share at least one label.
class ShareTruth final : public Truth {
 public:
  /// Rows of bits, `words` 64-bit words each. @param self  gallery row of each query's own id or -1; may be empty
  ShareTruth(std::span<const uint64_t> queries, std::span<const uint64_t> gallery, int64_t words,
             std::vector<int64_t> self);

  void candidates(int64_t query, std::vector<int64_t>& rows) const override;
  int64_t candidate_count(int64_t query) const override;
  void roles(int64_t query, std::span<const int64_t> rows, std::vector<Role>& out) const override;
  Role role(int64_t query, int64_t row) const override;
  int64_t relevant(int64_t query) const override { return relevant_[static_cast<size_t>(query)]; }

 private:
  bool shares(int64_t query, int64_t row) const;
  std::span<const uint64_t> queries_, gallery_;
  int64_t words_, rows_;
  std::vector<int64_t> self_, relevant_;
};

/// Gallery row of each query's id, -1 where there is none. @throws Error(kData) for equal ids in the gallery
std::vector<int64_t> rows_of_ids(std::span<const int64_t> queries, std::span<const int64_t> gallery);

}  // namespace winnow
