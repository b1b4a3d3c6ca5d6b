#include <memory>

#include "src/core/error.h"
#include "src/core/log.h"
#include "src/core/progress.h"
#include "src/core/tables.h"
#include "src/core/text.h"
#include "src/tensor/device.h"
#include "src/training/trainer.h"
#include "src/workflow/run_report.h"
#include "tools/winnow/cli.h"

namespace winnow::cli {
namespace {

struct Args {
  std::vector<std::string> words;
  std::string out;
  bool resume = false, dry_run = false, measure = false;
};

nlohmann::ordered_json cost_document(const CostCard& c) {
  return {{"images", c.images},
          {"classes", c.classes},
          {"steps", c.steps},
          {"parameters", c.parameters},
          {"gflops_per_image", c.gflops_per_image},
          {"seconds_per_step", c.seconds_per_step},
          {"seconds_total", c.seconds_total},
          {"memory_bytes", c.memory_bytes},
          {"disk_bytes", c.disk_bytes},
          {"device", c.device},
          {"precision", c.precision}};
}

int show_cost(const Args& args, const Session& session) {
  ExperimentConfig config;
  const Origins origins = read_recipe(args.words, config);
  init_torch_threads();
  const CostCard c = plan_training(config, args.measure);
  if (session.json) {
    print_json(cost_document(c));
    return 0;
  }
  print(std::to_string(c.images) + " pictures, " + std::to_string(c.classes) + " classes, " + std::to_string(c.steps) +
        " steps on " + c.device + " (" + c.precision + ")\n" + std::to_string(c.parameters) + " weights, " +
        format_number(c.gflops_per_image, 2) + " GFLOP a picture forward\n" + "time about " +
        format_duration(c.seconds_total) + ", memory about " + format_bytes(c.memory_bytes) + ", disk about " +
        format_bytes(c.disk_bytes) + "\n" +
        (args.measure ? "(measured on a few steps)\n" : "(estimated; --measure times a few real steps)\n") + "\n" +
        write_config(config, &origins));
  return 0;
}

nlohmann::ordered_json result_document(const TrainResult& r, const std::string& run) {
  nlohmann::ordered_json j = {{"run", run},
                              {"model", r.model_folder.string()},
                              {"epochs", r.epochs.size()},
                              {"seconds", r.seconds},
                              {"images_per_second", r.images_per_second},
                              {"wait_share", r.wait_share},
                              {"best_epoch", r.best_epoch}};
  j["best"] = r.best;
  j["last"] = r.last;
  return j;
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
  if (session.json) {
    auto j = result_document(result, args.out);
    j["report"] = report.string();
    print_json(j);
    return 0;
  }
  Table table({"metric", "best epoch", "last epoch"});
  for (const auto& [name, value] : result.last)
    table.add({name, result.best.count(name) ? format_number(result.best.at(name), 4) : "", format_number(value, 4)});
  print((result.last.empty() ? std::string() : table.text()) + "trained in " + format_duration(result.seconds) + ", " +
        format_number(result.images_per_second, 1) + " images/s, waited " + format_number(100 * result.wait_share, 1) +
        " % for data\nmodel " + result.model_folder.string() + "\nreport " + report.string() +
        "\nnext: winnow embed DATA --model " + result.model_folder.string() + " --out EMB\n");
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
