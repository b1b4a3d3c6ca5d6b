#include "src/models/option_fields.h"

#include <algorithm>
#include <cmath>

#include "src/core/error.h"
#include "src/core/tables.h"
#include "src/core/text.h"

namespace winnow {
namespace {

class FieldCollector : public OptionVisitor {
 public:
  std::vector<OptionField> fields;

  void number(const char* name, double& value, double low, double high, const char*) override {
    const bool fine = std::isfinite(value) && value >= low && value <= high;
    add(name, &value, fine, range(low, high), format_number(value, 6));
  }
  void integer(const char* name, int64_t& value, int64_t low, int64_t high, const char*) override {
    add(name, &value, value >= low && value <= high, std::to_string(low) + ".." + std::to_string(high),
        std::to_string(value));
  }
  void boolean(const char* name, bool& value, const char*) override { add(name, &value, true, "", ""); }
  void text(const char* name, std::string& value, const char*) override { add(name, &value, true, "", ""); }
  void path(const char* name, std::string& value, const char*) override { add(name, &value, true, "", ""); }
  void choice(const char* name, std::string& value, const std::vector<std::string>& allowed, const char*) override {
    const bool fine = std::find(allowed.begin(), allowed.end(), value) != allowed.end();
    std::string wanted = "one of " + join(allowed, ", ");
    if (const auto near = nearest_name(value, allowed)) wanted += " (did you mean '" + *near + "'?)";
    add(name, &value, fine, wanted, "'" + value + "'");
  }
  void numbers(const char* name, std::vector<double>&, double, double, const char*) override { refuse(name); }
  void texts(const char* name, std::vector<std::string>&, const char*) override { refuse(name); }
  void paths(const char* name, std::vector<std::string>&, const char*) override { refuse(name); }
  void section(const char* name, Options&, const char*) override { refuse(name); }
  void member(const char* name, Choice&, const Family&, const char*) override { refuse(name); }
  void members(const char* name, std::vector<Choice>&, const Family&, const char*) override { refuse(name); }

 private:
  template <typename T>
  void add(const char* name, T* value, bool fine, const std::string& wanted, const std::string& given) {
    fields.push_back({name, value, fine ? "" : std::string(name) + " must be " + wanted + ", got " + given});
  }
  static std::string range(double low, double high) { return format_number(low, 2) + ".." + format_number(high, 2); }
  [[noreturn]] static void refuse(const char* name) {
    throw Error(ErrorCode::kInternal, std::string("[options] '") + name + "' is not a plain field");
  }
};

}  // namespace

std::vector<OptionField> option_fields(Options& options) {
  FieldCollector collector;
  options.visit(collector);
  return std::move(collector.fields);
}

std::vector<std::string> option_faults(Options& options) {
  std::vector<std::string> faults;
  for (const auto& field : option_fields(options))
    if (!field.fault.empty()) faults.push_back(field.fault);
  for (auto& fault : options.check()) faults.push_back(std::move(fault));
  return faults;
}

}  // namespace winnow
