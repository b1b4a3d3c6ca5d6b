#include "src/evaluation/face/all_pairs.h"

#include <algorithm>
#include <map>

#include "src/core/error.h"
#include "src/core/parallel.h"

namespace winnow {
namespace {

bool before(const TopScores::Entry& x, const TopScores::Entry& y) {
  if (x.score != y.score) return x.score > y.score;
  return std::pair(x.a, x.b) < std::pair(y.a, y.b);
}

std::map<int64_t, std::vector<int64_t>> rows_by_label(std::span<const int64_t> labels) {
  std::map<int64_t, std::vector<int64_t>> out;
  for (size_t i = 0; i < labels.size(); ++i)
    if (labels[i] >= 0) out[labels[i]].push_back(static_cast<int64_t>(i));
  return out;
}

std::vector<char> zero_rows(const VectorRows& v) {
  std::vector<char> out(static_cast<size_t>(v.rows));
  for (int64_t r = 0; r < v.rows; ++r) {
    const auto row = v.values.subspan(static_cast<size_t>(r * v.dim), static_cast<size_t>(v.dim));
    out[static_cast<size_t>(r)] = std::all_of(row.begin(), row.end(), [](float x) { return x == 0; });
  }
  return out;
}

/// What one thread gathers of the impostors.
struct Slot {
  TopScores top;
  std::vector<int64_t> not_below, over;  ///< by gap of the ascending genuine scores
  std::vector<int64_t> histogram = std::vector<int64_t>(100);
  int64_t impostors = 0, failed = 0;
};

struct Genuine {
  std::vector<RowPair> pairs;  ///< descending
  std::vector<float> ascending;
};

Genuine genuine_pairs(const VectorRows& vectors, std::span<const int64_t> labels, const std::vector<char>& zero,
                      AllPairs& out) {
  Genuine g;
  for (const auto& [label, rows] : rows_by_label(labels)) {
    const auto block = score_block(vectors, rows, rows);
    for (size_t i = 0; i < rows.size(); ++i)
      for (size_t j = i + 1; j < rows.size(); ++j) {
        const bool failed = zero[static_cast<size_t>(rows[i])] || zero[static_cast<size_t>(rows[j])];
        const float score = failed ? -1.f : block[i * rows.size() + j];
        out.scores.failed_pairs += failed;
        ++out.genuine_histogram[histogram_bin(score)];
        g.pairs.push_back({rows[i], rows[j], static_cast<double>(score)});
      }
  }
  std::stable_sort(g.pairs.begin(), g.pairs.end(),
                   [](const RowPair& x, const RowPair& y) { return x.score > y.score; });
  for (auto at = g.pairs.rbegin(); at != g.pairs.rend(); ++at) g.ascending.push_back(static_cast<float>(at->score));
  return g;
}

void visit_impostors(const VectorRows& vectors, std::span<const int64_t> labels, const std::vector<char>& zero,
                     const Genuine& genuine, std::vector<Slot>& slots) {
  const auto& gaps = genuine.ascending;
  for_each_score_row(vectors, vectors, true, [&](int slot, int64_t q, int64_t first, std::span<const float> scores) {
    Slot& s = slots[static_cast<size_t>(slot)];
    const int64_t own = labels[static_cast<size_t>(q)];
    if (own < 0) return;
    for (size_t i = 0; i < scores.size(); ++i) {
      const int64_t row = first + static_cast<int64_t>(i), other = labels[static_cast<size_t>(row)];
      if (other < 0 || other == own) continue;
      const bool failed = zero[static_cast<size_t>(q)] || zero[static_cast<size_t>(row)];
      const float score = failed ? -1.f : scores[i];
      s.failed += failed;
      ++s.impostors;
      ++s.histogram[histogram_bin(score)];
      const auto low = std::lower_bound(gaps.begin(), gaps.end(), score);
      const auto high = std::upper_bound(low, gaps.end(), score);
      ++s.over[static_cast<size_t>(low - gaps.begin())];
      ++s.not_below[static_cast<size_t>(high - gaps.begin())];
      s.top.add(score, static_cast<int32_t>(q), static_cast<int32_t>(row));
    }
  });
}

/// Turns counts by gap into "how many impostors are over this genuine score", in descending order of the scores.
std::vector<int64_t> descending_counts(const std::vector<Slot>& slots, std::vector<int64_t> Slot::*gap) {
  const size_t n = (slots[0].*gap).size() - 1;
  std::vector<int64_t> out(n);
  int64_t sum = 0;
  for (size_t i = n; i > 0; --i) {
    for (const auto& s : slots) sum += (s.*gap)[i];
    out[n - i] = sum;  // ascending[i - 1] is descending[n - i]
  }
  return out;
}

}  // namespace

size_t histogram_bin(float score) {
  return static_cast<size_t>(std::clamp((static_cast<double>(score) + 1) * 50, 0.0, 99.0));
}

void TopScores::shrink() {
  if (entries_.size() <= keep_) return;
  std::nth_element(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(keep_), entries_.end(), before);
  entries_.resize(keep_);
  bound_ = std::min_element(entries_.begin(), entries_.end(), [](const Entry& x, const Entry& y) {
             return x.score < y.score;
           })->score;
}

std::vector<TopScores::Entry> TopScores::take() {
  shrink();
  std::sort(entries_.begin(), entries_.end(), before);
  return std::move(entries_);
}

void TopScores::merge(TopScores&& other) {
  entries_.insert(entries_.end(), other.entries_.begin(), other.entries_.end());
  other.entries_ = {};
  shrink();
}

AllPairs score_all_pairs(const VectorRows& vectors, std::span<const int64_t> labels, const AllPairsOptions& options) {
  if (static_cast<int64_t>(labels.size()) != vectors.rows || vectors.rows > INT32_MAX)
    throw Error(ErrorCode::kShape, "[face] one label a row is required (at most 2^31 rows), got " +
                                       std::to_string(labels.size()) + " for " + std::to_string(vectors.rows));
  AllPairs out;
  out.genuine_histogram.assign(100, 0);
  out.impostor_histogram.assign(100, 0);
  const auto zero = zero_rows(vectors);
  const Genuine genuine = genuine_pairs(vectors, labels, zero, out);
  const size_t gaps = genuine.ascending.size() + 1;
  std::vector<Slot> slots;
  for (int i = 0; i < thread_count(); ++i)
    slots.push_back({TopScores(options.keep), std::vector<int64_t>(gaps), std::vector<int64_t>(gaps)});
  visit_impostors(vectors, labels, zero, genuine, slots);
  auto& s = out.scores;
  s.above = descending_counts(slots, &Slot::over);
  s.at_least = descending_counts(slots, &Slot::not_below);
  for (size_t i = 0; i < slots.size(); ++i) {
    s.impostors += slots[i].impostors;
    s.failed_pairs += slots[i].failed;
    for (size_t b = 0; b < 100; ++b) out.impostor_histogram[b] += slots[i].histogram[b];
    if (i > 0) slots[0].top.merge(std::move(slots[i].top));
  }
  if (genuine.pairs.empty() || s.impostors == 0)
    throw Error(ErrorCode::kData, "[face] pairs of one person and of two are required, got " +
                                      std::to_string(genuine.pairs.size()) + " and " + std::to_string(s.impostors));
  for (const auto& e : slots[0].top.take()) {
    s.impostor.push_back(static_cast<double>(e.score));
    s.impostor_people.emplace_back(static_cast<int32_t>(labels[static_cast<size_t>(e.a)]),
                                   static_cast<int32_t>(labels[static_cast<size_t>(e.b)]));
    if (static_cast<int64_t>(out.worst_impostor.size()) < options.examples)
      out.worst_impostor.push_back({e.a, e.b, static_cast<double>(e.score)});
  }
  for (const auto& p : genuine.pairs) {
    s.genuine.push_back(p.score);
    s.genuine_person.push_back(static_cast<int32_t>(labels[static_cast<size_t>(p.a)]));
  }
  for (auto at = genuine.pairs.rbegin(); at != genuine.pairs.rend(); ++at)
    if (static_cast<int64_t>(out.worst_genuine.size()) < options.examples) out.worst_genuine.push_back(*at);
  return out;
}

uint64_t all_pairs_memory(std::span<const int64_t> labels, const AllPairsOptions& options) {
  uint64_t genuine = 0, rows = 0;
  for (const auto& [label, members] : rows_by_label(labels)) {
    genuine += members.size() * (members.size() - 1) / 2;
    rows += members.size();
  }
  const uint64_t impostors =
      std::min<uint64_t>(rows * (rows > 0 ? rows - 1 : 0) / 2 - genuine, static_cast<uint64_t>(options.keep));
  const auto threads = static_cast<uint64_t>(thread_count());
  return genuine * (sizeof(RowPair) + 28 + 16 * (threads + 1)) +
         impostors * (sizeof(TopScores::Entry) * 2 * (threads + 1) + 16);
}

}  // namespace winnow
