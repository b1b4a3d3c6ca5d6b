#pragma once

#include <memory>
#include <string>
#include <vector>

#include "src/core/error.h"
#include "src/core/files.h"

namespace winnow::config {

/// A text that settings were read from.
struct Text {
  std::string name;     ///< as shown in messages: file name or "command line"
  std::string text;     ///< the whole text
  fs::path folder;      ///< what relative paths in it are relative to
  bool is_file = true;  ///< false: one override of the command line
  int order = 0;        ///< messages are sorted by it
};

/// A place in a text: zero-based line, zero-based byte within it; line -1 means the text as a whole.
struct Place {
  std::shared_ptr<const Text> text;
  int line = 0, column = 0;
};

/// "recipe.yaml:4" or "command line".
std::string origin_of(const Place& place);

/// Collects everything wrong with a configuration. Not thread-safe.
class Faults {
 public:
  /// @param key  dotted key the fault concerns, for touches()
  void add(const Place& place, const std::string& message, const std::string& key = "");
  bool empty() const { return faults_.empty(); }
  /// True when a fault concerns `key` or something below it; "" asks for any fault.
  bool touches(const std::string& key) const;
  /// `file:line:column: message`, source line and caret for each fault, then "N errors"; does nothing without faults.
  /// @throws Error(code)
  void raise(ErrorCode code) const;

 private:
  struct Fault {
    Place place;
    std::string message, key;
  };
  std::vector<Fault> faults_;
};

}  // namespace winnow::config
