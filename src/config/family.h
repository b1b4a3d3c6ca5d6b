#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "src/config/options.h"
#include "src/core/registry.h"

namespace winnow {

/// A Registry whose entries carry an options maker, so that it can be shown to the configuration as a Family.
/// @tparam Make  std::function that builds a member from its options, e.g. unique_ptr<Loss>(const Options&, ...)
template <typename Make>
class FamilyRegistry : public Family {
 public:
  struct Entry {
    std::function<std::shared_ptr<Options>()> options;
    Make make;
  };
  explicit FamilyRegistry(std::string title) : registry_(std::move(title)) {}

  /// @tparam O  the member's option struct; `make` receives a const Options& that is an O
  template <typename O>
  void add(EntryInfo info, Make make) {
    registry_.add(std::move(info), Entry{[] { return std::make_shared<O>(); }, std::move(make)});
  }

  /// @throws Error(kConfig) for an unknown name
  const Make& maker(const std::string& name) const { return registry_.at(name).make; }

  const std::string& title() const override { return registry_.family(); }
  std::vector<std::string> names() const override { return registry_.names(); }
  std::string summary(const std::string& name) const override { return registry_.info(name).summary; }
  std::string paper(const std::string& name) const override { return registry_.info(name).paper; }
  std::string formula(const std::string& name) const override { return registry_.info(name).formula; }
  std::string noise(const std::string& name) const override { return registry_.info(name).noise; }
  std::shared_ptr<Options> make_options(const std::string& name) const override { return registry_.at(name).options(); }

 private:
  Registry<Entry> registry_;
};

}  // namespace winnow
