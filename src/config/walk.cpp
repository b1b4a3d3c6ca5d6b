#include "src/config/walk.h"

#include "src/config/scalars.h"

namespace winnow::config {
namespace {

class LineVisitor : public OptionVisitor {
 public:
  LineVisitor(std::vector<ConfigLine>& lines, int depth, std::string prefix)
      : lines_(lines), depth_(depth), prefix_(std::move(prefix)) {}

  void number(const char* name, double& value, double, double, const char*) override { leaf(name, yaml_number(value)); }
  void integer(const char* name, int64_t& value, int64_t, int64_t, const char*) override {
    leaf(name, std::to_string(value));
  }
  void boolean(const char* name, bool& value, const char*) override { leaf(name, value ? "true" : "false"); }
  void text(const char* name, std::string& value, const char*) override { leaf(name, yaml_text(value)); }
  void choice(const char* name, std::string& value, const std::vector<std::string>&, const char*) override {
    leaf(name, yaml_text(value));
  }
  void path(const char* name, std::string& value, const char*) override { leaf(name, yaml_text(value)); }
  void numbers(const char* name, std::vector<double>& value, double, double, const char*) override {
    leaf(name, yaml_list(value));
  }
  void texts(const char* name, std::vector<std::string>& value, const char*) override { leaf(name, yaml_list(value)); }
  void paths(const char* name, std::vector<std::string>& value, const char* help) override { texts(name, value, help); }
  void section(const char* name, Options& value, const char*) override {
    head(name);
    LineVisitor inside(lines_, depth_ + 1, prefix_ + name + ".");
    value.visit(inside);
  }
  void member(const char* name, Choice& value, const Family& family, const char*) override {
    head(name);
    choice_lines(value, family, depth_ + 1, prefix_ + name + ".", false);
  }
  void members(const char* name, std::vector<Choice>& value, const Family& family, const char* help) override {
    if (value.empty()) return leaf(name, "[]");
    if (value.size() == 1) return member(name, value[0], family, help);
    head(name);
    for (size_t i = 0; i < value.size(); ++i)
      choice_lines(value[i], family, depth_ + 2, prefix_ + name + "." + std::to_string(i) + ".", true);
  }

 private:
  void leaf(const std::string& name, std::string value) {
    lines_.push_back({depth_, false, true, name, prefix_ + name, std::move(value)});
  }
  void head(const std::string& name) { lines_.push_back({depth_, false, false, name, prefix_ + name, ""}); }

  void choice_lines(Choice& value, const Family& family, int depth, const std::string& prefix, bool item) {
    fill_choice(value, family);
    lines_.push_back({depth, item, true, "name", prefix + "name", yaml_text(value.name)});
    LineVisitor inside(lines_, depth, prefix);
    if (value.options) value.options->visit(inside);
    if (item || value.weight != 1.0) inside.leaf("weight", yaml_number(value.weight));
  }

  std::vector<ConfigLine>& lines_;
  int depth_;
  std::string prefix_;
};

/// Visits everything and reports only the nested parts.
class NestedVisitor : public OptionVisitor {
 public:
  using AtGroup = std::function<void(const std::string&, Options&)>;
  using AtChoice = std::function<void(const std::string&, Choice&, const Family&)>;
  NestedVisitor(AtGroup at_group, AtChoice at_choice, std::string prefix)
      : at_group_(std::move(at_group)), at_choice_(std::move(at_choice)), prefix_(std::move(prefix)) {}

  void number(const char* name, double&, double, double, const char*) override { names_.emplace_back(name); }
  void integer(const char* name, int64_t&, int64_t, int64_t, const char*) override { names_.emplace_back(name); }
  void boolean(const char* name, bool&, const char*) override { names_.emplace_back(name); }
  void text(const char* name, std::string&, const char*) override { names_.emplace_back(name); }
  void choice(const char* name, std::string&, const std::vector<std::string>&, const char*) override {
    names_.emplace_back(name);
  }
  void path(const char* name, std::string&, const char*) override { names_.emplace_back(name); }
  void numbers(const char* name, std::vector<double>&, double, double, const char*) override {
    names_.emplace_back(name);
  }
  void texts(const char* name, std::vector<std::string>&, const char*) override { names_.emplace_back(name); }
  void paths(const char* name, std::vector<std::string>&, const char*) override { names_.emplace_back(name); }
  void section(const char* name, Options& value, const char*) override {
    names_.emplace_back(name);
    group(prefix_ + name, value);
  }
  void member(const char* name, Choice& value, const Family& family, const char*) override {
    names_.emplace_back(name);
    choose(prefix_ + name, value, family);
  }
  void members(const char* name, std::vector<Choice>& value, const Family& family, const char*) override {
    names_.emplace_back(name);
    const std::string key = prefix_ + name;
    for (size_t i = 0; i < value.size(); ++i)
      choose(value.size() == 1 ? key : key + "." + std::to_string(i), value[i], family);
  }
  std::vector<std::string> names() && { return std::move(names_); }

 private:
  void group(const std::string& key, Options& value) {
    if (at_group_) at_group_(key, value);
    NestedVisitor inside(at_group_, at_choice_, key + ".");
    value.visit(inside);
  }
  void choose(const std::string& key, Choice& value, const Family& family) {
    if (at_choice_) at_choice_(key, value, family);
    if (value.options) group(key, *value.options);
  }

  AtGroup at_group_;
  AtChoice at_choice_;
  std::string prefix_;
  std::vector<std::string> names_;
};

}  // namespace

void fill_choice(Choice& choice, const Family& family) {
  if (!choice.options && !choice.name.empty()) choice.options = family.make_options(choice.name);
}

std::vector<ConfigLine> resolved_lines(Options& root) {
  std::vector<ConfigLine> lines;
  LineVisitor visitor(lines, 0, "");
  root.visit(visitor);
  return lines;
}

std::vector<std::string> option_names(Options& options) {
  NestedVisitor visitor(nullptr, nullptr, "");
  options.visit(visitor);
  return std::move(visitor).names();
}

void for_each_group(Options& root, const std::function<void(const std::string& key, Options& group)>& at) {
  at("", root);
  NestedVisitor visitor(at, nullptr, "");
  root.visit(visitor);
}

void for_each_choice(Options& root, const std::function<void(const std::string& key, Choice&, const Family&)>& at) {
  NestedVisitor visitor(nullptr, at, "");
  root.visit(visitor);
}

}  // namespace winnow::config
