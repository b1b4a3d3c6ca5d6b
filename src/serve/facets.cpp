#include "src/serve/facets.h"

#include <algorithm>
#include <map>

namespace winnow {

std::vector<Facet> find_facets(const Index& index, size_t max_values, size_t max_items) {
  auto ids = index.ids();
  ids.resize(std::min(ids.size(), max_items));
  std::map<std::string, std::map<std::string, int64_t>> counts;
  for (const int64_t id : ids) {
    const IndexItem item = index.item(id);
    const auto count = [&](const std::string& column, const std::string& value) {
      auto& values = counts[column];
      if (values.size() <= max_values) ++values[value];
    };
    count("label", item.label);
    for (const auto& [column, value] : item.columns) count(column, value);
  }
  std::vector<Facet> out;
  for (const auto& column : index.columns()) {
    const auto& values = counts[column];
    if (values.size() < 2 || values.size() > max_values) continue;
    Facet facet{column, {values.begin(), values.end()}};
    std::stable_sort(facet.values.begin(), facet.values.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    out.push_back(std::move(facet));
  }
  return out;
}

}  // namespace winnow
