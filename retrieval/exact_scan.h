#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace winnow {

// Internal to retrieval: exact cosines in one fixed order of additions, so that a score never depends on batch size,
// thread count or index type.

/// A candidate: position in the index (rows are sorted by id, so position order is id order).
struct Scored {
  float score = 0;
  int64_t position = 0;
};

inline bool better(const Scored& a, const Scored& b) {
  return a.score != b.score ? a.score > b.score : a.position < b.position;
}

/// Cosine of two unit vectors, clamped to [-1, 1]. Products of floats are exact in double, so fused multiply-add or
/// not gives the same bits; eight running sums, added in a fixed order.
float exact_score(const float* a, const float* b, int64_t dim);

/// out = in / |in|. @return false (out untouched) for a zero or non-finite vector
bool normalise(const float* in, float* out, int64_t dim);

/// The k best of what was pushed, in any order of pushing.
class TopK {
 public:
  explicit TopK(int64_t k);
  void push(const Scored& candidate);
  std::vector<Scored> sorted() &&;

 private:
  size_t k_;
  std::vector<Scored> heap_;
};

/// A set of positions as a bitmap.
class RowSet {
 public:
  explicit RowSet(int64_t rows) : bits_(static_cast<size_t>((rows + 7) / 8)) {}
  void insert(int64_t position) {
    auto& byte = bits_[static_cast<size_t>(position >> 3)];
    const auto bit = static_cast<uint8_t>(1u << (position & 7));
    count_ += (byte & bit) == 0;
    byte |= bit;
  }
  void erase(int64_t position) {
    auto& byte = bits_[static_cast<size_t>(position >> 3)];
    const auto bit = static_cast<uint8_t>(1u << (position & 7));
    count_ -= (byte & bit) != 0;
    byte = static_cast<uint8_t>(byte & ~bit);
  }
  /// Room for positions below `rows`; new ones are no members.
  void grow(int64_t rows) { bits_.resize(std::max(bits_.size(), static_cast<size_t>((rows + 7) / 8))); }
  static RowSet full(int64_t rows) {
    RowSet all(rows);
    for (int64_t i = 0; i < rows; ++i) all.insert(i);
    return all;
  }
  /// Members of both; the sets need not have the same room.
  static RowSet both(const RowSet& a, const RowSet& b);
  bool contains(int64_t position) const { return bits_[static_cast<size_t>(position >> 3)] >> (position & 7) & 1; }
  int64_t count() const { return count_; }
  std::span<const uint8_t> bits() const { return bits_; }

 private:
  std::vector<uint8_t> bits_;
  int64_t count_ = 0;
};

/// Exact search of one unit query over rows float32 [N, D]. @param allowed  nullptr = all rows
/// @param threads  splits the rows; the result is the same for every count
std::vector<Scored> exact_scan(const float* query, const float* rows, int64_t n, int64_t dim, int64_t k,
                               const RowSet* allowed, int threads);

}  // namespace winnow
