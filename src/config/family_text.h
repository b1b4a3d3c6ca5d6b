#pragma once

#include <string>

#include "src/config/options.h"

namespace winnow {

/// One member for a terminal: summary, formula, the noise it is meant for, paper, and a table of its options.
/// @throws Error(kConfig) for an unknown name, with the nearest
std::string member_text(const Family& family, const std::string& name);

/// All members for a terminal, one line each.
std::string family_text(const Family& family);

/// All members as a Markdown table: name, what it is, formula, noise, options with defaults, paper.
std::string family_markdown(const Family& family);

/// A recipe fragment that sets every option of a member to its default, under `section:`, with its summary above.
std::string member_yaml(const Family& family, const std::string& name, const std::string& section);

}  // namespace winnow
