#include <memory>

#include "src/core/error.h"
#include "src/tensor/device.h"
#include "src/workflow/run_report.h"
#include "src/workflow/train_text.h"
#include "tools/winnow/cli.h"

namespace winnow::cli {
namespace {

struct Args {
  std::vector<std::string> words;
  std::string out;
  bool resume = false, dry_run = false, measure = false;
};

int show_cost(const Args& args, const Session& session) {
  ExperimentConfig config;
  const Origins origins = read_recipe(args.words, config);
  init_torch_threads();
  const CostCard c = plan_training(config, args.measure);
  if (session.json)
    print_json(cost_document(c));
  else
    print(cost_text(c, args.measure) + "\n" + write_config(config, &origins));
  return 0;
}

int run(const Args& args, const Session& session) {
  if (args.dry_run) return show_cost(args, session);
  if (args.out.empty()) throw Error(ErrorCode::kUsage, "--out RUN is required: the folder the run is written to");
  TrainRequest request;
  ExperimentConfig config;
  request.origins = read_recipe(args.words, config);
  request.config = &config;
  request.run = args.out;
  request.resume = args.resume;
  request.command = session.command;
  init_torch_threads();
  const TrainResult result = train(request);
  const fs::path report = write_run_report(args.out);
  if (session.json)
    print_json(training_document(result, args.out, report));
  else
    print(training_text(result, report));
  return 0;
}

}  // namespace

void add_train(CLI::App& app, Session& session) {
  auto args = std::make_shared<Args>();
  auto* verb = add_verb(app, session, "train", "train an embedding from a recipe",
                        "  winnow train recipe.yaml --out runs/a\n  winnow train recipe.yaml loss=arcface "
                        "training.epochs=20 --out runs/b\n  winnow train data.train=photos/ --dry-run",
                        [args, &session] { return run(*args, session); });
  verb->add_option("recipe", args->words, "recipe.yaml and key=value settings");
  verb->add_option("--out", args->out, "run folder");
  verb->add_flag("--resume", args->resume,
                 "continue from the last checkpoint of --out (starts anew when there is none)");
  verb->add_flag("--dry-run", args->dry_run, "print the cost card and the resolved recipe, train nothing");
  verb->add_flag("--measure", args->measure, "with --dry-run: time a few real steps");
  auto plan = std::make_shared<Args>();
  verb = add_verb(app, session, "plan", "what a training run will cost", "  winnow plan recipe.yaml --measure",
                  [plan, &session] { return show_cost(*plan, session); });
  verb->add_option("recipe", plan->words, "recipe.yaml and key=value settings");
  verb->add_flag("--measure", plan->measure, "time a few real steps");
}

}  // namespace winnow::cli
