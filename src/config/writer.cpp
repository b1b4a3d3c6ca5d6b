#include <map>

#include "src/config/reader.h"
#include "src/config/walk.h"

namespace winnow {

using namespace config;  // the room's own parts

std::string write_config(Options& root, const Origins* origins) {
  std::string out;
  for (const auto& line : resolved_lines(root)) {
    out += std::string(static_cast<size_t>(2 * (line.item ? line.depth - 1 : line.depth)), ' ');
    out += (line.item ? "- " : "") + line.name + ":";
    if (line.leaf) out += " " + line.value;
    if (const auto found = origins ? origins->find(line.key) : Origins::const_iterator{};
        line.leaf && origins && found != origins->end())
      out += "  # " + found->second;
    out += "\n";
  }
  return out;
}

std::vector<std::string> config_differences(Options& a, Options& b) {
  std::map<std::string, std::string> second;
  const auto a_lines = resolved_lines(a), b_lines = resolved_lines(b);
  for (const auto& line : b_lines)
    if (line.leaf) second[line.key] = line.value;
  std::vector<std::string> differences;
  for (const auto& line : a_lines) {
    if (!line.leaf) continue;
    const auto found = second.find(line.key);
    const std::string other = found == second.end() ? "(none)" : found->second;
    if (other != line.value) differences.push_back(line.key + ": " + line.value + " -> " + other);
    if (found != second.end()) second.erase(found);
  }
  for (const auto& line : b_lines)
    if (line.leaf && second.count(line.key)) differences.push_back(line.key + ": (none) -> " + line.value);
  return differences;
}

}  // namespace winnow
