#pragma once

#include <nlohmann/json_fwd.hpp>

#include "retrieval/tune.h"

namespace winnow {

/// The document of `winnow index tune --json`.
nlohmann::ordered_json tuning_json(const Tuning& tuning);
/// Table of the points on the Pareto front, and the choice.
std::string tuning_text(const Tuning& tuning);
/// Recall over time a query and over memory, one line an index type, the chosen point marked; every point in a table.
void write_tuning_page(const fs::path& file, const Tuning& tuning);

}  // namespace winnow
