#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/config/document.h"

namespace winnow::config {

/// How scalars of a configuration are read and written: the strict subset of YAML that every YAML version agrees on.

/// Decimal digits with a sign, no leading zeros, no exponent; nothing for quoted text.
std::optional<int64_t> integer_of(const Node& node);
/// Decimal number, finite; nothing for quoted text.
std::optional<double> number_of(const Node& node);
/// True for a plain .nan, .inf, nan, -inf and their spellings.
bool looks_non_finite(const Node& node);

/// "0..1.5", ">= 0", "<= 5" or "" where both ends are open (the type's limits or infinity).
std::string range_text(double low, double high);
std::string range_text(int64_t low, int64_t high);

/// Shortest decimal that reads back as the same double and that YAML 1.1 takes for a number: "0.3", "1.0", "1.0e-05".
std::string yaml_number(double value);
/// Plain where every YAML version reads the same text, else double-quoted.
std::string yaml_text(const std::string& value);
/// "[0.1, 2.0]" and "[a, \"b c\"]".
std::string yaml_list(const std::vector<double>& values);
std::string yaml_list(const std::vector<std::string>& values);

}  // namespace winnow::config
