#pragma once

#include <string>
#include <vector>

#include "retrieval/index.h"

namespace winnow {

/// A column that people can filter by.
struct Facet {
  std::string column;
  std::vector<std::pair<std::string, int64_t>> values;  ///< most frequent first
};

/// Columns with 2 to `max_values` different values among the first `max_items` items. Columns that name each item
/// (id, path) are left out.
std::vector<Facet> find_facets(const Index& index, size_t max_values = 200, size_t max_items = 20000);

}  // namespace winnow
