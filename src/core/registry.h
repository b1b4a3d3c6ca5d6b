#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "src/core/error.h"
#include "src/core/text.h"

namespace winnow {

/// One member of a family (losses, backbones, samplers, ...): what `winnow list` shows.
struct EntryInfo {
  std::string name;          ///< as written in YAML
  std::string summary;       ///< one line
  std::string paper;         ///< author, venue, year; empty when there is none
  std::string formula = {};  ///< one line of plain text; empty when there is none
  std::string noise = {};    ///< which wrong labels it is meant for; empty when that says nothing
};

/// Explicit list of named factories. `Options` is the typed option struct reader of the family; see
/// src/config/options.h. Duplicate and unknown names throw; unknown names are answered with the nearest known name.
/// Fill it once at start; const use is thread-safe.
template <typename Factory>
class Registry {
 public:
  /// @param family  for messages, e.g. "loss"
  explicit Registry(std::string family) : family_(std::move(family)) {}

  void add(EntryInfo info, Factory factory) {
    for (const auto& e : entries_)
      if (e.info.name == info.name)
        throw Error(ErrorCode::kInternal, "[registry] " + family_ + " '" + info.name + "' is registered twice");
    entries_.push_back({std::move(info), std::move(factory)});
  }

  bool contains(const std::string& name) const {
    for (const auto& e : entries_)
      if (e.info.name == name) return true;
    return false;
  }

  /// @throws Error(kConfig) listing the known names and the nearest
  const Factory& at(const std::string& name) const {
    for (const auto& e : entries_)
      if (e.info.name == name) return e.factory;
    const auto known = names();
    std::string message = "unknown " + family_ + " '" + name + "'";
    if (const auto near = nearest_name(name, known)) message += " (did you mean '" + *near + "'?)";
    throw Error(ErrorCode::kConfig, message + "; known: " + join(known, ", "));
  }

  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& e : entries_) out.push_back(e.info.name);
    return out;
  }

  const EntryInfo& info(const std::string& name) const {
    at(name);
    for (const auto& e : entries_)
      if (e.info.name == name) return e.info;
    throw Error(ErrorCode::kInternal, "[registry] unreachable");
  }

  const std::string& family() const { return family_; }

 private:
  struct Entry {
    EntryInfo info;
    Factory factory;
  };
  std::string family_;
  std::vector<Entry> entries_;
};

}  // namespace winnow
