#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "src/training/embedder.h"

namespace winnow {

// What `winnow embed` prints.

nlohmann::ordered_json embed_json(const EmbedResult& result, const fs::path& out);
std::string embed_text(const EmbedResult& result, const fs::path& out);

}  // namespace winnow
