#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>

namespace winnow {

/// A filter document as an SQL condition over item columns: {"label": "pear", "split": ["train", "val"], "price":
/// {"min": 1, "max": 5}}; all must hold. A column is compared as text, or as a number with min and max. "" for an empty
/// filter. Every name and value is quoted: clients never write SQL.
/// @param columns  names the index knows. @throws Error(kUsage) for an unknown column or another form
std::string filter_condition(const nlohmann::json& filter, std::span<const std::string> columns);

}  // namespace winnow
