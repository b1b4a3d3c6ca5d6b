#pragma once

#include <functional>
#include <string>
#include <vector>

#include "src/config/options.h"

namespace winnow::config {

/// Gives a choice without options its member's defaults; nothing for an unset choice.
/// @throws Error(kConfig) for an unknown name
void fill_choice(Choice& choice, const Family& family);

/// A line of the resolved configuration: a value, or the head of a section.
struct ConfigLine {
  int depth = 0;
  bool item = false;  ///< first line of an item of a list of members
  bool leaf = true;   ///< false: head of a section, which has no value
  std::string name;   ///< last part of the key
  std::string key;    ///< dotted
  std::string value;  ///< as written in YAML
};

/// Every line in table order.
std::vector<ConfigLine> resolved_lines(Options& root);

/// Names of the options at the top of a group.
std::vector<std::string> option_names(Options& options);

/// Calls `at` for the root (key "") and for each section and member options below it, parents first.
void for_each_group(Options& root, const std::function<void(const std::string& key, Options& group)>& at);

/// Calls `at` for each choice with its dotted key.
void for_each_choice(Options& root, const std::function<void(const std::string& key, Choice&, const Family&)>& at);

}  // namespace winnow::config
