#pragma once

#include <memory>
#include <string>
#include <vector>

#include "src/config/document.h"

namespace winnow::config {

/// Turns `loss.margin=0.3` items into one tree; a later item wins over an earlier one with the same key. A value that
/// starts with a bracket, brace or quote is YAML, any other is taken as it stands.
/// @param first_order  Text::order of the first item
std::shared_ptr<Node> parse_overrides(const std::vector<std::string>& overrides, int first_order, Faults& faults);

}  // namespace winnow::config
