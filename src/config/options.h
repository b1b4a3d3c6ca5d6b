#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace winnow {

class OptionVisitor;

/// A group of typed settings. `visit` names each field once; the same table reads YAML, writes the resolved YAML with
/// origins, makes the JSON Schema and fills `winnow list`. Default member values are the defaults.
struct Options {
  virtual ~Options() = default;
  virtual void visit(OptionVisitor& v) = 0;
  /// Cross-field checks inside the group: one sentence for each fault, empty when fine.
  virtual std::vector<std::string> check() const { return {}; }
};

/// Options of a family member that has none.
struct NoOptions : Options {
  void visit(OptionVisitor&) override {}
};

/// A family (losses, samplers, backbones, ...) as the configuration sees it: names and their options.
/// Implemented over a Registry by the family's own room; must outlive the configuration.
class Family {
 public:
  virtual ~Family() = default;
  virtual const std::string& title() const = 0;  ///< "loss"
  virtual std::vector<std::string> names() const = 0;
  virtual std::string summary(const std::string& name) const = 0;
  virtual std::string paper(const std::string& name) const = 0;
  virtual std::string formula(const std::string&) const { return ""; }  ///< of a member, one line of plain text
  virtual std::string noise(const std::string&) const { return ""; }    ///< the wrong labels it is meant for
  /// @throws Error(kConfig) for an unknown name, with the nearest
  virtual std::shared_ptr<Options> make_options(const std::string& name) const = 0;
};

/// A chosen member: `loss: arcface` or `loss: {name: arcface, margin: 0.3}`. Copies share the options.
struct Choice {
  std::string name;                  ///< empty = not set, which read_config refuses
  std::shared_ptr<Options> options;  ///< null = the member's defaults; filled by read_config
  double weight = 1.0;               ///< only used in lists of choices (weighted sums of losses)
};

class OptionVisitor {
 public:
  virtual ~OptionVisitor() = default;
  /// Finite number in [low, high].
  virtual void number(const char* name, double& value, double low, double high, const char* help) = 0;
  virtual void integer(const char* name, int64_t& value, int64_t low, int64_t high, const char* help) = 0;
  virtual void boolean(const char* name, bool& value, const char* help) = 0;
  virtual void text(const char* name, std::string& value, const char* help) = 0;
  /// One of `allowed`.
  virtual void choice(const char* name, std::string& value, const std::vector<std::string>& allowed,
                      const char* help) = 0;
  /// A path; made absolute, a relative one against the folder of the file that sets it (command line: current folder),
  /// so that the resolved configuration means the same wherever it is kept. Empty text stays empty.
  virtual void path(const char* name, std::string& value, const char* help) = 0;
  /// Lists: one value without brackets is a list of one.
  virtual void numbers(const char* name, std::vector<double>& value, double low, double high, const char* help) = 0;
  virtual void texts(const char* name, std::vector<std::string>& value, const char* help) = 0;
  /// A list of paths, each resolved as `path` is.
  virtual void paths(const char* name, std::vector<std::string>& value, const char* help) = 0;
  virtual void section(const char* name, Options& value, const char* help) = 0;
  /// A member of a family with its own options.
  virtual void member(const char* name, Choice& value, const Family& family, const char* help) = 0;
  /// One member or a list of members, each with an optional `weight`.
  virtual void members(const char* name, std::vector<Choice>& value, const Family& family, const char* help) = 0;
};

}  // namespace winnow
