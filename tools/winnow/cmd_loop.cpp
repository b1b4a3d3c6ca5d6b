#include <memory>

#include "src/core/error.h"
#include "src/core/progress.h"
#include "src/core/tables.h"
#include "src/tensor/device.h"
#include "src/workflow/loop.h"
#include "tools/winnow/cli.h"

namespace winnow::cli {
namespace {

struct Args {
  LoopRequest request;
  std::vector<std::string> words;
  std::string out;
  bool dry_run = false;
};

int show_plan(const LoopRequest& request, const Session& session) {
  Table table({"step", "pictures through a network", "about"});
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  double seconds = 0;
  for (const auto& step : plan_loop(request)) {
    seconds += step.seconds;
    table.add({step.name, std::to_string(step.passes), format_duration(step.seconds)});
    json.push_back({{"step", step.name}, {"passes", step.passes}, {"seconds", step.seconds}});
  }
  if (session.json)
    print_json({{"steps", json}, {"seconds", seconds}});
  else
    print(table.text() + "together about " + format_duration(seconds) + " (estimated)\n");
  return 0;
}

int run(Args& args, const Session& session) {
  LoopRequest& request = args.request;
  request.recipe = recipe_source(args.words);
  request.out = args.out;
  request.command = session.command;
  init_torch_threads();
  if (args.dry_run) return show_plan(request, session);
  const LoopOutcome outcome = run_loop(request);
  if (session.json) {
    print_json(loop_document(outcome));
    return 0;
  }
  const LoopTable cells = loop_table(outcome.steps, request.metrics);
  Table table(cells.header);
  for (const auto& row : cells.rows) table.add(row);
  print(table.text() + "report " + outcome.report.string() + "\n" + outcome.verdict.text + "\n");
  return 0;
}

void add_held_out(CLI::App& verb, const std::string& name, const std::string& what, DataSource& source) {
  verb.add_option("--" + name, source.data, what + ": DATA with right labels that no step trains on");
  verb.add_option("--" + name + "-where", source.where, "COLUMN=VALUE filter of --" + name + " (repeatable)");
  verb.add_option("--" + name + "-archive", source.archives, "tar file with the pictures of --" + name);
  verb.add_option("--" + name + "-label", source.label, "label column of --" + name);
}

}  // namespace

void add_loop(CLI::App& app, Session& session) {
  auto args = std::make_shared<Args>();
  auto* verb =
      add_verb(app, session, "loop", "find wrong labels, mend what is sure, train again, measure the gain",
               "  winnow loop recipe.yaml data.train=noisy.csv --queries clean.csv --out loop --dry-run\n"
               "  winnow loop recipe.yaml data.train=noisy.csv --queries test.csv --gallery shop.csv --out loop",
               [args, &session] { return run(*args, session); });
  LoopRequest& r = args->request;
  verb->add_option("recipe", args->words, "recipe.yaml and key=value settings; data.train is the manifest in doubt");
  add_held_out(*verb, "queries", "held-out pictures to search with", r.queries);
  add_held_out(*verb, "gallery", "held-out pictures to search in (default: the queries)", r.gallery);
  verb->add_option("--rounds", r.rounds, "repairs; from the second on the mended network judges");
  verb->add_option("--accept", r.thresholds.accept, "confidence from which a suggested label is taken");
  verb->add_option("--doubt", r.thresholds.doubt, "score from which a less sure row is left out; 2 = leave none out");
  verb->add_option("--final", r.final_recipe, "trainings on repaired labels: robust, or plain (the recipe as it is)");
  verb->add_option("--key", r.key, "column of true labels, where it is known: for figures only");
  verb->add_option("--metric", r.metrics, "metrics to report; the first one decides");
  verb->add_option("--out", args->out, "folder of all steps; a second call goes on where one stopped");
  verb->add_flag("--dry-run", args->dry_run, "print the steps and what they cost, train nothing");
}

}  // namespace winnow::cli
