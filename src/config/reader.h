#pragma once

#include <map>
#include <string>
#include <vector>

#include "src/config/options.h"
#include "src/core/files.h"

namespace winnow {

/// Where a value came from: "recipe.yaml:4", "command line", "default". The key of a member's name is `loss.name`, of
/// a member in a list `loss.0.name`.
using Origins = std::map<std::string, std::string>;  // dotted key -> origin

struct ConfigSource {
  fs::path file;                       ///< may be empty: defaults and overrides only
  std::vector<std::string> overrides;  ///< `loss.margin=0.3`, `loss.1.weight=0.5`, `data.where=[a=b, c=d]`; later wins
  /// Built-in texts by name, for `recipe: NAME` at the top of a file or `recipe=NAME`; null = none are known.
  const std::map<std::string, std::string>* recipes = nullptr;
};

/// Reads a YAML file and overrides into `root`, in layers: defaults, the files of its `extends:` chain (a path or a
/// list of paths relative to the extending file), the file, the overrides. Maps merge, lists and values replace. A
/// layer that names another member of a family (`loss: triplet`, `loss.name=triplet`) drops every option that lower
/// layers set for the old member; the new one starts from its defaults plus what this and later layers set. A layer
/// that names the same member, or only options, keeps what is set.
/// All faults are found and reported at once in one Error(kConfig): `file:line:column: message`, the source line, a
/// caret and did-you-mean; then "N errors". Faults: unknown or duplicate key, wrong type, out of range, NaN, bad
/// enum, unknown family member, an option of another member, a cycle of extends, faults from Options::check() (of
/// groups without other faults). Columns count characters.
/// Text such as yes/on/010 never changes type by surprise: booleans are true|false, integers decimal; a quoted number
/// is text.
/// @return the origin of every value
/// @throws Error(kNotFound) when `source.file` does not exist; Error(kConfig) with all faults; `root` is then
/// unspecified
Origins read_config(const ConfigSource& source, Options& root);

/// Resolved YAML, every field in table order; with `origins` a trailing comment a line says where it came from.
/// read_config reads it back to the same values, wherever the text is kept.
std::string write_config(Options& root, const Origins* origins = nullptr);

/// JSON Schema (draft 2020-12) of the whole table; a family is a oneOf of plain names and of objects with that name.
std::string config_schema(Options& root, const std::string& title);

/// One documented option, flattened ("margin", "number", "0.5", "0..1.5", "angular margin in radians"). Options of a
/// section are named "section.option"; a family member has type "member" and the names as its range.
struct OptionDoc {
  std::string name, type, default_value, range, help;
};
std::vector<OptionDoc> describe_options(Options& options);

/// Differences of two resolved configurations, "key: a -> b" (for `config diff`).
std::vector<std::string> config_differences(Options& a, Options& b);

/// Any YAML file as JSON text (dataset descriptions of third parties), for other rooms, so that yaml-cpp stays behind
/// this door. Plain true/false/null and decimal numbers keep their type, everything else is a string.
/// @throws Error(kNotFound), Error(kData) with file:line:column for a syntax error or a duplicate key
std::string yaml_to_json(const fs::path& file);

}  // namespace winnow
