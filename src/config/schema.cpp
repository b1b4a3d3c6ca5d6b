#include <limits>
#include <nlohmann/json.hpp>

#include "src/config/reader.h"
#include "src/config/walk.h"

namespace winnow {

using namespace config;  // the room's own parts

namespace {

using Json = nlohmann::ordered_json;

Json family_schema(const Family& family, bool weighted, Json& definitions);

/// Makes the "properties" of one group. Families go to the shared definitions, once each.
class SchemaVisitor : public OptionVisitor {
 public:
  explicit SchemaVisitor(Json& definitions) : definitions_(definitions) {}
  Json properties = Json::object();

  void number(const char* name, double& value, double low, double high, const char* help) override {
    Json item = number_type(low, high);
    add(name, std::move(item), value, help);
  }
  void integer(const char* name, int64_t& value, int64_t low, int64_t high, const char* help) override {
    Json item = {{"type", "integer"}};
    if (low != std::numeric_limits<int64_t>::min()) item["minimum"] = low;
    if (high != std::numeric_limits<int64_t>::max()) item["maximum"] = high;
    add(name, std::move(item), value, help);
  }
  void boolean(const char* name, bool& value, const char* help) override {
    add(name, {{"type", "boolean"}}, value, help);
  }
  void text(const char* name, std::string& value, const char* help) override {
    add(name, {{"type", "string"}}, value, help);
  }
  void choice(const char* name, std::string& value, const std::vector<std::string>& allowed,
              const char* help) override {
    add(name, {{"enum", allowed}}, value, help);
  }
  void path(const char* name, std::string& value, const char* help) override { text(name, value, help); }
  void numbers(const char* name, std::vector<double>& value, double low, double high, const char* help) override {
    add(name, one_or_list(number_type(low, high)), value, help);
  }
  void texts(const char* name, std::vector<std::string>& value, const char* help) override {
    add(name, one_or_list({{"type", "string"}}), value, help);
  }
  void paths(const char* name, std::vector<std::string>& value, const char* help) override { texts(name, value, help); }
  void section(const char* name, Options& value, const char* help) override {
    SchemaVisitor inside(definitions_);
    value.visit(inside);
    properties[name] = {{"description", help},
                        {"type", "object"},
                        {"additionalProperties", false},
                        {"properties", std::move(inside.properties)}};
  }
  void member(const char* name, Choice& value, const Family& family, const char* help) override {
    Json item = reference(family, false);
    item["description"] = help;
    item["default"] = value.name;
    properties[name] = std::move(item);
  }
  void members(const char* name, std::vector<Choice>& value, const Family& family, const char* help) override {
    Json item = one_or_list(reference(family, true));
    item["description"] = help;
    Json names = Json::array();
    for (const auto& choice : value) names.push_back(choice.name);
    item["default"] = std::move(names);
    properties[name] = std::move(item);
  }

 private:
  static Json number_type(double low, double high) {
    Json item = {{"type", "number"}};
    if (low > -std::numeric_limits<double>::max()) item["minimum"] = low;
    if (high < std::numeric_limits<double>::max()) item["maximum"] = high;
    return item;
  }
  static Json one_or_list(const Json& item) {
    return {{"oneOf", Json::array({item, Json{{"type", "array"}, {"items", item}}})}};
  }
  template <typename T>
  void add(const char* name, Json item, const T& value, const char* help) {
    item["description"] = help;
    item["default"] = value;
    properties[name] = std::move(item);
  }
  Json reference(const Family& family, bool weighted) {
    const std::string key = family.title() + (weighted ? " term" : "");
    if (!definitions_.contains(key)) {
      definitions_[key] = nullptr;  // a family whose members hold the family again must end
      Json definition = family_schema(family, weighted, definitions_);
      definitions_[key] = std::move(definition);
    }
    std::string pointer;
    for (const char c : key) pointer += c == ' ' ? std::string("%20") : std::string(1, c);
    return {{"$ref", "#/$defs/" + pointer}};
  }

  Json& definitions_;
};

Json family_schema(const Family& family, bool weighted, Json& definitions) {
  Json any = Json::array();
  for (const auto& name : family.names()) any.push_back({{"const", name}, {"description", family.summary(name)}});
  for (const auto& name : family.names()) {
    SchemaVisitor inside(definitions);
    inside.properties["name"] = {{"const", name}};
    if (weighted) inside.properties["weight"] = {{"type", "number"}, {"minimum", 0}, {"default", 1.0}};
    family.make_options(name)->visit(inside);
    const std::string paper = family.paper(name);
    any.push_back({{"description", family.summary(name) + (paper.empty() ? "" : " (" + paper + ")")},
                   {"type", "object"},
                   {"required", {"name"}},
                   {"additionalProperties", false},
                   {"properties", std::move(inside.properties)}});
  }
  return {{"oneOf", std::move(any)}};
}

}  // namespace

std::string config_schema(Options& root, const std::string& title) {
  Json definitions = Json::object();
  SchemaVisitor visitor(definitions);
  visitor.properties["extends"] = {
      {"description", "file or files this one builds on, relative to it"},
      {"oneOf", Json::array({Json{{"type", "string"}}, Json{{"type", "array"}, {"items", {{"type", "string"}}}}})}};
  visitor.properties["recipe"] = {{"type", "string"}, {"description", "a built-in recipe that this one builds on"}};
  root.visit(visitor);
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                 {"title", title},
                 {"type", "object"},
                 {"additionalProperties", false},
                 {"properties", std::move(visitor.properties)},
                 {"$defs", std::move(definitions)}};
  return schema.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace winnow
