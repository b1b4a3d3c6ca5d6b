#include "src/config/reader.h"
#include "src/config/scalars.h"
#include "src/core/text.h"

namespace winnow {

using namespace config;  // the room's own parts

namespace {

class DocVisitor : public OptionVisitor {
 public:
  DocVisitor(std::vector<OptionDoc>& docs, std::string prefix) : docs_(docs), prefix_(std::move(prefix)) {}

  void number(const char* name, double& value, double low, double high, const char* help) override {
    add(name, "number", yaml_number(value), range_text(low, high), help);
  }
  void integer(const char* name, int64_t& value, int64_t low, int64_t high, const char* help) override {
    add(name, "integer", std::to_string(value), range_text(low, high), help);
  }
  void boolean(const char* name, bool& value, const char* help) override {
    add(name, "boolean", value ? "true" : "false", "", help);
  }
  void text(const char* name, std::string& value, const char* help) override {
    add(name, "text", yaml_text(value), "", help);
  }
  void choice(const char* name, std::string& value, const std::vector<std::string>& allowed,
              const char* help) override {
    add(name, "choice", value, join(allowed, " | "), help);
  }
  void path(const char* name, std::string& value, const char* help) override {
    add(name, "path", yaml_text(value), "", help);
  }
  void numbers(const char* name, std::vector<double>& value, double low, double high, const char* help) override {
    add(name, "numbers", yaml_list(value), range_text(low, high), help);
  }
  void texts(const char* name, std::vector<std::string>& value, const char* help) override {
    add(name, "texts", yaml_list(value), "", help);
  }
  void paths(const char* name, std::vector<std::string>& value, const char* help) override {
    add(name, "paths", yaml_list(value), "", help);
  }
  void section(const char* name, Options& value, const char*) override {
    DocVisitor inside(docs_, prefix_ + name + ".");
    value.visit(inside);
  }
  void member(const char* name, Choice& value, const Family& family, const char* help) override {
    add(name, "member", value.name, join(family.names(), " | "), help);
  }
  void members(const char* name, std::vector<Choice>& value, const Family& family, const char* help) override {
    std::vector<std::string> names;
    for (const auto& choice : value) names.push_back(choice.name);
    add(name, "members", names.size() == 1 ? names[0] : yaml_list(names), join(family.names(), " | "), help);
  }

 private:
  void add(const char* name, std::string type, std::string value, std::string range, const char* help) {
    docs_.push_back({prefix_ + name, std::move(type), std::move(value), std::move(range), help});
  }

  std::vector<OptionDoc>& docs_;
  std::string prefix_;
};

}  // namespace

std::vector<OptionDoc> describe_options(Options& options) {
  std::vector<OptionDoc> docs;
  DocVisitor visitor(docs, "");
  options.visit(visitor);
  return docs;
}

}  // namespace winnow
