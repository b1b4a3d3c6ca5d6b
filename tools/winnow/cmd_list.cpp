#include <map>
#include <memory>

#include "data/sampler.h"
#include "losses/loss.h"
#include "src/config/family_text.h"
#include "src/config/reader.h"
#include "src/core/error.h"
#include "src/core/tables.h"
#include "src/evaluation/retrieval.h"
#include "src/models/model.h"
#include "tools/winnow/cli.h"

namespace winnow::cli {
namespace {

struct Args {
  std::string family, name;
  bool markdown = false;
};

const std::map<std::string, const Family*>& families() {
  static const std::map<std::string, const Family*> all = {
      {"losses", &loss_family()}, {"targets", &policy_family()},   {"trust", &trust_family()},
      {"peers", &peer_family()},  {"samplers", &sampler_family()}, {"backbones", &backbone_family()}};
  return all;
}

nlohmann::ordered_json entry(const Family& family, const std::string& name) {
  nlohmann::ordered_json j = {{"name", name},
                              {"summary", family.summary(name)},
                              {"formula", family.formula(name)},
                              {"noise", family.noise(name)},
                              {"paper", family.paper(name)},
                              {"options", nlohmann::json::array()}};
  const auto options = family.make_options(name);
  for (const auto& o : describe_options(*options))
    j["options"].push_back(
        {{"name", o.name}, {"type", o.type}, {"default", o.default_value}, {"range", o.range}, {"help", o.help}});
  return j;
}

int show(const Session& session, const nlohmann::ordered_json& document, const std::string& text) {
  if (session.json)
    print_json(document);
  else
    print(text);
  return 0;
}

int list_metrics(const Session& session) {
  nlohmann::ordered_json all = nlohmann::json::array();
  Table table({"metric", "definition"});
  for (const auto& name : metric_names({1, 5, 10})) {
    all.push_back(
        {{"name", name}, {"summary", explain_metric(name)}, {"paper", ""}, {"options", nlohmann::json::array()}});
    table.add({name, explain_metric(name)});
  }
  return show(session, all, table.text());
}

int run(const Args& args, const Session& session) {
  if (args.family == "metrics") return list_metrics(session);
  std::vector<std::string> known = {"metrics"};
  for (const auto& [title, family] : families()) known.push_back(title);
  if (args.family.empty()) return show(session, known, "families: " + join(known, ", ") + "\n");
  const auto found = families().find(args.family);
  if (found == families().end()) {
    const auto near = nearest_name(args.family, known);
    throw Error(ErrorCode::kUsage, "unknown family '" + args.family + "'" +
                                       (near ? " (did you mean '" + *near + "'?)" : "") +
                                       "; known: " + join(known, ", "));
  }
  const Family& family = *found->second;
  if (!args.name.empty()) return show(session, entry(family, args.name), member_text(family, args.name));
  nlohmann::ordered_json all = nlohmann::json::array();
  for (const auto& name : family.names()) all.push_back(entry(family, name));
  return show(session, all, args.markdown ? family_markdown(family) : family_text(family));
}

}  // namespace

void add_list(CLI::App& app, Session& session) {
  auto args = std::make_shared<Args>();
  auto* verb = add_verb(app, session, "list", "losses, targets, trust, samplers, backbones, metrics",
                        "  winnow list losses\n  winnow list losses arcface\n  winnow list targets --json",
                        [args, &session] { return run(*args, session); });
  verb->add_option("family", args->family, "losses, targets, trust, samplers, backbones or metrics");
  verb->add_option("name", args->name, "one member, with its options");
  verb->add_flag("--markdown", args->markdown, "the family as a Markdown table, as in losses/README.md");
}

}  // namespace winnow::cli
