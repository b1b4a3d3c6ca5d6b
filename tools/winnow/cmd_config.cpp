#include <memory>

#include "src/config/reader.h"
#include "tools/winnow/cli.h"

namespace winnow::cli {
namespace {

struct Args {
  std::vector<std::string> words;
  std::string first, second;
  bool origin = false;
};

int show(const Args& args, const Session& session) {
  ExperimentConfig config;
  const Origins origins = read_recipe(args.words, config);
  const std::string text = write_config(config, args.origin ? &origins : nullptr);
  if (session.json)
    print_json({{"yaml", text}, {"origins", origins}});
  else
    print(text);
  return 0;
}

int check(const Args& args, const Session& session) {
  ExperimentConfig config;
  const Origins origins = read_recipe(args.words, config);
  int64_t set = 0;
  for (const auto& [key, origin] : origins) set += origin != "default";
  if (session.json)
    print_json({{"ok", true}, {"settings", origins.size()}, {"set", set}});
  else
    print("ok: " + std::to_string(set) + " settings given, " +
          std::to_string(origins.size() - static_cast<size_t>(set)) + " at their defaults\n");
  return 0;
}

int diff(const Args& args, const Session& session) {
  ExperimentConfig a, b;
  const auto yaml = [](const std::string& file) {
    return std::vector<std::string>{fs::is_directory(file) ? (fs::path(file) / "config.yaml").string() : file};
  };
  read_recipe(yaml(args.first), a);
  read_recipe(yaml(args.second), b);
  const auto lines = config_differences(a, b);
  if (session.json)
    print_json({{"differences", lines}});
  else if (lines.empty())
    print("no difference\n");
  else
    for (const auto& line : lines) print(line + "\n");
  return 0;
}

}  // namespace

void add_config(CLI::App& app, Session& session) {
  CLI::App* config = app.add_subcommand("config", "show, check and compare recipes");
  config->require_subcommand(1);
  auto args = std::make_shared<Args>();
  auto* verb = add_verb(*config, session, "show", "the resolved recipe",
                        "  winnow config show recipe.yaml loss=arcface --origin",
                        [args, &session] { return show(*args, session); });
  verb->add_option("recipe", args->words, "recipe.yaml and key=value settings");
  verb->add_flag("--origin", args->origin, "say where each value comes from");
  verb = add_verb(*config, session, "check", "every fault of a recipe at once; exit 3 when there is one",
                  "  winnow config check recipe.yaml", [args, &session] { return check(*args, session); });
  verb->add_option("recipe", args->words, "recipe.yaml and key=value settings");
  verb = add_verb(*config, session, "diff", "settings in which two recipes or run folders differ",
                  "  winnow config diff runs/a runs/b", [args, &session] { return diff(*args, session); });
  verb->add_option("first", args->first, "recipe or run folder")->required();
  verb->add_option("second", args->second, "recipe or run folder")->required();
  add_verb(*config, session, "schema", "JSON Schema of recipes, for editors",
           "  winnow config schema > winnow.schema.json", [] {
             ExperimentConfig schema;
             print(config_schema(schema, "winnow recipe") + "\n");
             return 0;
           });
}

}  // namespace winnow::cli
