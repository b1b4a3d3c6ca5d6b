#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>

#include "src/core/error.h"
#include "src/labels/signals.h"

namespace winnow {
namespace {

void check_length(size_t got, size_t rows, const char* what) {
  if (got != rows)
    throw Error(ErrorCode::kShape, std::string("[noise] one ") + what + " a row is required, got " +
                                       std::to_string(got) + " for " + std::to_string(rows) + " rows");
}

}  // namespace

Signal trust_signal(std::vector<float> trust, const GivenLabels& given) {
  check_length(trust.size(), given.labels.size(), "trust");
  Signal out{"trust", std::vector<float>(trust.size()), std::vector<int32_t>(trust.size(), -1), {}};
  for (size_t i = 0; i < trust.size(); ++i) {
    if (trust[i] < 0 || trust[i] > 1)
      throw Error(ErrorCode::kData,
                  "[noise] row " + std::to_string(i) + ": trust must be in 0..1, got " + std::to_string(trust[i]));
    out.wrong[i] = 1 - trust[i];
  }
  const auto kept = std::make_shared<std::vector<float>>(std::move(trust));
  out.reason = [kept](int64_t i) {
    const float value = (*kept)[static_cast<size_t>(i)];
    return std::isnan(value) ? std::string("training never saw it")
                             : fmt::format("training trusts it with {:.0f} %", 100 * value);
  };
  return out;
}

Signal vote_signal(const std::vector<std::vector<int64_t>>& answers, const GivenLabels& given) {
  const size_t n = given.labels.size();
  for (const auto& column : answers) check_length(column.size(), n, "answer");
  Signal out{"votes", std::vector<float>(n), std::vector<int32_t>(n, -1), {}};
  struct Count {
    int total = 0, same = 0, best = 0;
  };
  auto counts = std::make_shared<std::vector<Count>>(n);
  for (size_t i = 0; i < n; ++i) {
    std::map<int64_t, int> others;
    Count& count = (*counts)[i];
    for (const auto& column : answers) {
      if (column[i] >= given.classes())
        throw Error(ErrorCode::kData, "[noise] row " + std::to_string(i) + ": the answer must be in 0.." +
                                          std::to_string(given.classes() - 1) + ", got " + std::to_string(column[i]));
      if (column[i] < 0) continue;
      ++count.total;
      if (column[i] == given.labels[i])
        ++count.same;
      else
        ++others[column[i]];
    }
    for (const auto& [label, votes] : others)
      if (votes > count.best) {
        count.best = votes;
        out.suggested[i] = static_cast<int32_t>(label);
      }
    out.wrong[i] = count.total == 0
                       ? std::nanf("")
                       : (static_cast<float>(count.total - count.same) + 0.5f) / static_cast<float>(count.total + 1);
  }
  out.reason = [counts, given](int64_t i) {
    const Count& count = (*counts)[static_cast<size_t>(i)];
    return fmt::format("{} of {} people say {}", count.same, count.total,
                       given.name(given.labels[static_cast<size_t>(i)]));
  };
  return out;
}

Signal duplicate_signal(std::span<const std::pair<int64_t, int64_t>> pairs, const GivenLabels& given) {
  const size_t n = given.labels.size();
  Signal out{"duplicates", std::vector<float>(n, std::nanf("")), std::vector<int32_t>(n, -1), {}};
  auto twin = std::make_shared<std::map<int64_t, int64_t>>();
  for (const auto& [a, b] : pairs) {
    if (a < 0 || b < 0 || a >= static_cast<int64_t>(n) || b >= static_cast<int64_t>(n))
      throw Error(ErrorCode::kData, "[noise] pairs must be rows in 0.." + std::to_string(n) + ", got " +
                                        std::to_string(a) + " and " + std::to_string(b));
    if (given.labels[static_cast<size_t>(a)] == given.labels[static_cast<size_t>(b)]) continue;
    for (const auto& [row, other] : {std::pair{a, b}, std::pair{b, a}})
      if (twin->emplace(row, other).second) {
        out.wrong[static_cast<size_t>(row)] = 0.99f;  // one of the two is wrong for certain
        out.suggested[static_cast<size_t>(row)] = static_cast<int32_t>(given.labels[static_cast<size_t>(other)]);
      }
  }
  out.reason = [twin, given](int64_t i) {
    const auto at = twin->find(i);
    if (at == twin->end()) return std::string("no duplicate under another label");
    return fmt::format("the same picture is also labelled {} (row {})",
                       given.name(given.labels[static_cast<size_t>(at->second)]), at->second);
  };
  return out;
}

}  // namespace winnow
