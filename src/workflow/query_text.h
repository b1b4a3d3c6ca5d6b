#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "src/workflow/query_engine.h"

namespace winnow {

// What `winnow query` shows: a JSON document, tables, or a page with the pictures.

nlohmann::ordered_json query_json(const std::vector<QueryAnswer>& answers);
std::string query_text(const std::vector<QueryAnswer>& answers);
/// @throws Error(kDevice) when the file cannot be written, Error(kData) for a query picture that is none any more
void write_query_page(const fs::path& file, const Index& index, const std::vector<QueryAnswer>& answers);

}  // namespace winnow
