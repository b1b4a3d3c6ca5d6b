#pragma once

#include <map>
#include <string>
#include <vector>

#include "src/config/options.h"
#include "src/core/files.h"

namespace winnow {

/// Where a value came from: "recipe.yaml:4", "command line", "default".
using Origins = std::map<std::string, std::string>;  // dotted key -> origin

struct ConfigSource {
  fs::path file;                       ///< may be empty: defaults and overrides only
  std::vector<std::string> overrides;  ///< `loss.margin=0.3`, typed by the table; later wins
};

/// Reads a YAML file (with `extends:` chains, maps merge, lists replace) and overrides into `root`.
/// All faults are found and reported at once in one Error(kConfig): `file:line:column: message`, the source line, a
/// caret and did-you-mean; then "N errors". Faults: unknown or duplicate key, wrong type, out of range, NaN, bad
/// enum, unknown family member, an option of another member, a cycle of extends, faults from Options::check().
/// Text such as yes/on/010 never changes type by surprise: booleans are true|false, integers decimal.
/// @return the origin of every value
Origins read_config(const ConfigSource& source, Options& root);

/// Resolved YAML, every field in table order; with `origins` a trailing comment a line says where it came from.
std::string write_config(Options& root, const Origins* origins = nullptr);

/// JSON Schema (draft 2020-12) of the whole table, families as oneOf.
std::string config_schema(Options& root, const std::string& title);

/// One documented option, flattened ("margin", "number", "0.5", "0..1.5", "angular margin in radians").
struct OptionDoc {
  std::string name, type, default_value, range, help;
};
std::vector<OptionDoc> describe_options(Options& options);

/// Differences of two resolved configurations, "key: a -> b" (for `config diff`).
std::vector<std::string> config_differences(Options& a, Options& b);

/// Any YAML file as JSON text (dataset descriptions of third parties); duplicates are errors. For other rooms, so
/// that yaml-cpp stays behind this door.
std::string yaml_to_json(const fs::path& file);

}  // namespace winnow
