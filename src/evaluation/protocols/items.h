#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/core/files.h"
#include "src/evaluation/protocols/protocol.h"

namespace winnow::protocols {

/// Finds rows by the name a list uses: the last components of the path, as many as the name has. Not thread-safe.
class ItemFinder {
 public:
  /// @param with_extension  false = names in the lists have none ("all_souls_000013")
  ItemFinder(const std::vector<std::string>& paths, bool with_extension);
  /// Row, or -1. @throws Error(kData) when two rows fit
  int64_t find(std::string_view name);

 private:
  const std::unordered_map<std::string, int64_t>& by_depth(size_t components);
  const std::vector<std::string>& paths_;
  bool with_extension_;
  std::unordered_map<size_t, std::unordered_map<std::string, int64_t>> maps_;
};

/// Numbers names in order of first appearance.
class Numbers {
 public:
  int64_t of(const std::string& name);

 private:
  std::unordered_map<std::string, int64_t> numbers_;
};

/// Calls `line(number, fields)` for every line that is not empty, fields separated by white space.
void for_each_line(const fs::path& file,
                   const std::function<void(int64_t number, const std::vector<std::string_view>& fields)>& line);
[[noreturn]] void fail_line(const fs::path& file, int64_t number, const std::string& required);
int64_t integer_field(const fs::path& file, int64_t number, std::string_view field);

std::string stem_of(const std::string& path);
/// The digits that end a stem ("ukbench00012" -> 12), -1 when there are none.
int64_t trailing_number(const std::string& path);

/// Adds a note where listed pictures were not embedded; @throws Error(kData) when none was.
void note_missing(ProtocolPlan& plan, int64_t missing, int64_t listed, const std::string& first, const char* what);

}  // namespace winnow::protocols
