#include "src/config/family_text.h"

#include <cctype>

#include "src/config/reader.h"
#include "src/core/tables.h"

namespace winnow {
namespace {

std::string line_if(const char* title, const std::string& text) {
  return text.empty() ? "" : std::string(title) + ": " + text + "\n";
}

/// A bar would end the cell of a Markdown table.
std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

std::string option_list(Options& options) {
  std::string out;
  for (const auto& o : describe_options(options))
    out += (out.empty() ? "`" : ", `") + o.name + "` " + (o.default_value.empty() ? "none" : o.default_value);
  return out;
}

}  // namespace

std::string member_text(const Family& family, const std::string& name) {
  const auto options = family.make_options(name);
  std::string text = name + ": " + family.summary(name) + "\n" + line_if("formula", family.formula(name)) +
                     line_if("meant for", family.noise(name)) + line_if("paper", family.paper(name));
  Table table({"option", "type", "default", "range", "what"});
  const auto docs = describe_options(*options);
  for (const auto& o : docs) table.add({o.name, o.type, o.default_value, o.range, o.help});
  return text + (docs.empty() ? "no options\n" : table.text());
}

std::string family_text(const Family& family) {
  Table table({"name", "what", "paper"});
  for (const auto& name : family.names()) table.add({name, family.summary(name), family.paper(name)});
  return table.text();
}

std::string family_markdown(const Family& family) {
  std::string out =
      "| name | what it is | formula | meant for | options and defaults | paper |\n|---|---|---|---|---|---|\n";
  for (const auto& name : family.names())
    out += "| `" + name + "` | " + cell(family.summary(name)) + " | " + cell(family.formula(name)) + " | " +
           cell(family.noise(name)) + " | " + cell(option_list(*family.make_options(name))) + " | " +
           cell(family.paper(name)) + " |\n";
  return out;
}

std::string member_yaml(const Family& family, const std::string& name, const std::string& section) {
  std::string summary = family.summary(name);
  if (!summary.empty()) summary[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(summary[0])));
  std::string out = "# " + summary + "; all defaults.\n" + section + ":\n  name: " + name + "\n";
  for (const auto& o : describe_options(*family.make_options(name)))
    out += "  " + o.name + ": " + (o.default_value.empty() ? "\"\"" : o.default_value) + "\n";
  return out;
}

}  // namespace winnow
