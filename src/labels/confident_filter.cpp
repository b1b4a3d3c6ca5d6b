#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>

#include "src/core/error.h"
#include "src/core/parallel.h"
#include "src/core/text.h"
#include "src/labels/confident.h"

namespace winnow {
namespace {

typedef float Lanes __attribute__((vector_size(16)));
typedef int32_t Mask __attribute__((vector_size(16)));
constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Rows of each class in ascending order, as offsets into one list.
struct ByClass {
  std::vector<int64_t> start;
  std::vector<int32_t> rows;
};

ByClass group_rows(const ConfidentCounts& counts, std::span<const int64_t> labels) {
  ByClass out;
  out.start.assign(counts.class_rows.size() + 1, 0);
  for (size_t k = 0; k < counts.class_rows.size(); ++k) out.start[k + 1] = out.start[k] + counts.class_rows[k];
  std::vector<int64_t> at(out.start.begin(), out.start.end() - 1);
  out.rows.resize(labels.size());
  for (size_t i = 0; i < labels.size(); ++i)
    out.rows[static_cast<size_t>(at[static_cast<size_t>(labels[i])]++)] = static_cast<int32_t>(i);
  return out;
}

// How many rows of given label k are to be pruned towards each true class j: [true, given]. At least one row of each
// class stays; what that takes is spread evenly over the class's other counts.
std::vector<int64_t> prune_counts(const ConfidentCounts& counts) {
  const auto c = static_cast<size_t>(counts.classes);
  std::vector<int64_t> out(c * c);
  for (size_t k = 0; k < c; ++k) {
    const int64_t diagonal = counts.calibrated[k * c + k], kept = std::max<int64_t>(diagonal, 1);
    int64_t cells = 0;
    for (size_t j = 0; j < c; ++j) cells += counts.calibrated[k * c + j] != 0 ? 1 : 0;
    const double less = static_cast<double>(kept - diagonal) / std::max(static_cast<double>(cells) - 1.0, 1.0);
    for (size_t j = 0; j < c; ++j)
      out[j * c + k] = static_cast<int64_t>(std::max(0.0, static_cast<double>(counts.calibrated[k * c + j]) - less));
    out[k * c + k] = kept;
  }
  return out;
}

struct Candidate {
  float margin;
  int32_t row;
};
// Heap order: the worst kept candidate on top (smallest margin, of equal ones the last row).
bool keeps_longer(const Candidate& a, const Candidate& b) {
  return a.margin != b.margin ? a.margin > b.margin : a.row < b.row;
}

/// For one given class: the rows with the largest p_j - p_k, as many as wanted[j], for every j at once.
class MarginSelection {
 public:
  MarginSelection(const std::vector<int64_t>& prune, int64_t classes, int64_t given)
      : classes_(classes),
        given_(given),
        cut_(static_cast<size_t>(classes), kInfinity),
        best_(cut_.size()),
        wanted_(cut_.size()) {
    for (int64_t j = 0; j < classes; ++j) {
      const int64_t count = j == given ? 0 : prune[static_cast<size_t>(j * classes + given)];
      wanted_[static_cast<size_t>(j)] = static_cast<size_t>(count);
      if (count > 0) cut_[static_cast<size_t>(j)] = -kInfinity;
    }
  }

  void offer(const float* p, int32_t row) {
    const float own = p[given_];
    int64_t j = 0;
    for (; j + 4 <= classes_; j += 4) {
      Lanes v, c;
      std::memcpy(&v, p + j, sizeof v);
      std::memcpy(&c, cut_.data() + j, sizeof c);
      const Mask above = (v - own) > c;
      int64_t halves[2];
      std::memcpy(halves, &above, sizeof halves);
      if ((halves[0] | halves[1]) == 0) continue;
      for (int l = 0; l < 4; ++l)
        if (above[l] != 0) take(static_cast<size_t>(j + l), {v[l] - own, row});
    }
    for (; j < classes_; ++j)
      if (p[j] - own > cut_[static_cast<size_t>(j)]) take(static_cast<size_t>(j), {p[j] - own, row});
  }

  void mark(std::vector<char>& flags) const {
    for (const auto& heap : best_)
      for (const auto& candidate : heap) flags[static_cast<size_t>(candidate.row)] = 1;
  }

 private:
  void take(size_t j, Candidate candidate) {
    auto& heap = best_[j];
    if (heap.size() == wanted_[j]) {
      std::pop_heap(heap.begin(), heap.end(), keeps_longer);
      heap.back() = candidate;
    } else {
      heap.push_back(candidate);
    }
    std::push_heap(heap.begin(), heap.end(), keeps_longer);
    if (heap.size() == wanted_[j]) cut_[j] = heap.front().margin;
  }

  int64_t classes_, given_;
  std::vector<float> cut_;
  std::vector<std::vector<Candidate>> best_;
  std::vector<size_t> wanted_;
};

// The `count` rows with the lowest score.
void mark_lowest(std::vector<int32_t> rows, std::span<const float> score, int64_t count, std::vector<char>& flags) {
  const auto end = rows.begin() + std::clamp<int64_t>(count, 0, static_cast<int64_t>(rows.size()));
  std::nth_element(rows.begin(), end, rows.end(), [&](int32_t a, int32_t b) {
    const float x = score[static_cast<size_t>(a)], y = score[static_cast<size_t>(b)];
    return x != y ? x < y : a < b;
  });
  for (auto row = rows.begin(); row != end; ++row) flags[static_cast<size_t>(*row)] = 1;
}

std::vector<char> prune(const Probabilities& probabilities, const ConfidentCounts& counts,
                        std::span<const int64_t> labels, bool by_class, bool by_rate) {
  const auto wanted = prune_counts(counts);
  const ByClass groups = group_rows(counts, labels);
  std::vector<char> of_class(labels.size(), by_class ? 0 : 1), of_rate(labels.size(), by_rate ? 0 : 1);
  parallel_for(counts.classes, [&](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; ++k) {
      const std::span rows = std::span(groups.rows)
                                 .subspan(static_cast<size_t>(groups.start[static_cast<size_t>(k)]),
                                          static_cast<size_t>(counts.class_rows[static_cast<size_t>(k)]));
      if (rows.size() <= 1) {  // a class keeps its last row
        for (const int32_t row : rows) of_class[static_cast<size_t>(row)] = of_rate[static_cast<size_t>(row)] = 0;
        continue;
      }
      if (by_class)
        mark_lowest({rows.begin(), rows.end()}, counts.self,
                    static_cast<int64_t>(rows.size()) - wanted[static_cast<size_t>(k * counts.classes + k)], of_class);
      if (by_rate) {
        MarginSelection selection(wanted, counts.classes, k);
        for (const int32_t row : rows) selection.offer(probabilities.row(row), row);
        selection.mark(of_rate);
      }
    }
  });
  for (size_t i = 0; i < of_class.size(); ++i) of_class[i] = of_class[i] & of_rate[i];
  return of_class;
}

std::vector<char> confident_off_diagonal(const ConfidentCounts& counts, std::span<const int64_t> labels) {
  std::vector<char> flags(labels.size());
  for (size_t i = 0; i < flags.size(); ++i)
    flags[i] = counts.confident[i] >= 0 && counts.confident[i] != labels[i] && counts.agrees[i] == 0 ? 1 : 0;
  return flags;
}

std::vector<char> lowest(std::span<const float> score, int64_t count) {
  std::vector<int32_t> rows(score.size());
  std::iota(rows.begin(), rows.end(), 0);
  std::vector<char> flags(score.size(), 0);
  mark_lowest(std::move(rows), score, count, flags);
  return flags;
}

}  // namespace

const std::vector<std::string>& confident_filters() {
  static const std::vector<std::string> names = {"prune_by_noise_rate",  "prune_by_class",      "both",
                                                 "confident_learning",   "predicted_neq_given", "low_self_confidence",
                                                 "low_normalized_margin"};
  return names;
}

std::vector<char> find_label_errors(const Probabilities& probabilities, std::span<const int64_t> labels,
                                    const ConfidentCounts& counts, std::string_view filter) {
  const auto& names = confident_filters();
  if (std::find(names.begin(), names.end(), filter) == names.end()) {
    const auto near = nearest_name(filter, names);
    throw Error(ErrorCode::kUsage, "[noise] the filter must be one of " + join(names, ", ") + "; got '" +
                                       std::string(filter) + "'" + (near ? " (did you mean '" + *near + "'?)" : ""));
  }
  if (labels.size() > static_cast<size_t>(std::numeric_limits<int32_t>::max()))
    throw Error(ErrorCode::kShape,
                "[noise] at most 2,147,483,647 rows are required, got " + std::to_string(labels.size()));
  std::vector<char> flags = confident_off_diagonal(counts, labels);
  if (filter == "confident_learning") return flags;
  if (filter == "low_self_confidence" || filter == "low_normalized_margin") {
    const auto count = std::accumulate(flags.begin(), flags.end(), int64_t{0});
    return filter == "low_self_confidence" ? lowest(counts.self, count)
                                           : lowest(normalized_margin(probabilities, labels), count);
  }
  if (filter == "predicted_neq_given") {
    for (size_t i = 0; i < flags.size(); ++i) flags[i] = counts.predicted[i] != labels[i] ? 1 : 0;
  } else {
    flags = prune(probabilities, counts, labels, filter != "prune_by_noise_rate", filter != "prune_by_class");
  }
  for (size_t i = 0; i < flags.size(); ++i)
    if (counts.agrees[i] != 0) flags[i] = 0;
  return flags;
}

}  // namespace winnow
