#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "src/evaluation/retrieval.h"
#include "src/report/html.h"

namespace winnow {

/// A result under the name it has in legends.
struct NamedResult {
  std::string name;
  const RetrievalResult* result;
};

/// Share of queries with a right hit among the first k over k = 1 .. 100, with a 95 % band (Wilson) for each.
std::string recall_chart(const std::vector<NamedResult>& results);
/// Mean interpolated precision over recall.
std::string precision_recall_chart(const std::vector<NamedResult>& results);
std::string score_histogram(const RetrievalResult& result, const std::string& title);
/// The same with a movable threshold: what it does to pairs (by the histogram) and to first hits (to 0.005). It stands
/// at `stored` (that of a model's card) or else where F1 over first hits is best, and says at which.
/// @param result  evaluated with keep_hits >= 1
std::string retrieval_threshold_slider(const RetrievalResult& result, std::span<const int64_t> query_labels,
                                       std::span<const int64_t> gallery_labels, std::optional<double> stored = {});
/// Name and definition of every metric evaluated at ks.
void add_definitions(HtmlPage& page, const std::vector<int64_t>& ks);

}  // namespace winnow
