#pragma once

#include <string>
#include <variant>
#include <vector>

#include "src/config/options.h"

namespace winnow {

/// One setting of a flat Options group.
struct OptionField {
  std::string name;
  std::variant<double*, int64_t*, bool*, std::string*> value;  ///< into the group
  std::string fault;  ///< "stem must be one of a, b, got 'c'"; empty when the value is allowed
};

/// The fields in table order. @throws Error(kInternal) for a group with lists, sections or members
std::vector<OptionField> option_fields(Options& options);

/// Faults of the fields, then those of check().
std::vector<std::string> option_faults(Options& options);

}  // namespace winnow
