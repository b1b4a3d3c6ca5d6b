#include <memory>

#include "src/core/error.h"
#include "src/core/files.h"
#include "src/core/log.h"
#include "src/workflow/starter.h"
#include "tools/winnow/cli.h"

namespace winnow::cli {
namespace {

struct Args {
  DataSource source;
  std::string out = "recipe.yaml";
  bool force = false;
};

int run(const Args& args, const Session& session) {
  if (fs::exists(args.out) && !args.force) throw Error(ErrorCode::kUsage, args.out + " exists; --force replaces it");
  const StarterRecipe recipe = starter_recipe(args.source);
  write_file_atomically(args.out, recipe.yaml);
  if (session.json)
    print_json(
        {{"recipe", args.out}, {"pictures", recipe.pictures}, {"classes", recipe.classes}, {"why", recipe.reasons}});
  else {
    for (const auto& reason : recipe.reasons) print("- " + reason + "\n");
    print(args.out + " written\nnext: winnow train " + args.out + " --out run\n");
  }
  return 0;
}

}  // namespace

void add_init(CLI::App& app, Session& session) {
  auto args = std::make_shared<Args>();
  auto* verb = add_verb(app, session, "init", "a starter recipe for your pictures, with the reasons",
                        "  winnow init photos/ --out recipe.yaml", [args, &session] { return run(*args, session); });
  add_data_options(*verb, args->source);
  verb->add_option("--out", args->out, "recipe to write");
  verb->add_flag("--force", args->force, "replace an existing file");
}

}  // namespace winnow::cli
