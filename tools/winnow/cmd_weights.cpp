#include <memory>

#include "src/core/error.h"
#include "src/models/model.h"
#include "src/models/safetensors.h"
#include "src/tensor/device.h"
#include "tools/winnow/cli.h"

namespace winnow::cli {
namespace {

struct Args {
  std::string model, weights, out;
  ModelOptions options;
  Preprocessing preprocessing;
};

int info(const Args& args, const Session& session) {
  init_torch_threads();
  LoadedModel loaded = load_model(args.model, false);
  const double error = golden_error(args.model, *loaded.model);
  const auto& card = loaded.card;
  nlohmann::ordered_json j = {{"name", card.name},
                              {"backbone", loaded.options.backbone},
                              {"dim", card.dim},
                              {"parameters", loaded.model->parameter_count()},
                              {"gflops_per_image", loaded.model->forward_flops() / 1e9},
                              {"size", loaded.model->preprocessing().size},
                              {"weights_digest", card.weights_digest},
                              {"preprocessing_digest", card.preprocessing_digest},
                              {"licence", card.licence},
                              {"training_data", card.training_data},
                              {"created", card.created},
                              {"winnow", card.winnow_version},
                              {"golden_error", error}};
  for (const auto& [name, value] : card.metrics) j["metrics"][name] = value;
  if (session.json)
    print_json(j);
  else
    for (const auto& [key, value] : j.items())
      print(key + ": " + (value.is_string() ? value.get<std::string>() : value.dump()) + "\n");
  return 0;
}

int diff(const Args& args, const Session& session) {
  auto model = make_model(args.options, args.preprocessing, 1);
  const auto lines = diff_weights(args.weights, *model);
  if (session.json)
    print_json({{"fits", lines.empty()}, {"differences", lines}});
  else if (lines.empty())
    print("every key fits\n");
  else
    for (const auto& line : lines) print(line + "\n");
  return lines.empty() ? 0 : exit_code(ErrorCode::kMismatch);
}

int import(const Args& args, const Session& session) {
  auto model = make_model(args.options, args.preprocessing, 1);
  load_weights(args.weights, *model);
  ModelCard card;
  card.name = args.options.backbone;
  save_model(args.out, *model, args.options, card);
  if (session.json)
    print_json({{"model", args.out}});
  else
    print("model folder " + args.out + "\nnext: winnow embed DATA --model " + args.out + " --out EMB\n");
  return 0;
}

int export_weights(const Args& args, const Session& session) {
  LoadedModel loaded = load_model(args.model);
  const std::string digest = write_safetensors(args.out, loaded.model->state(), {{"format", "pt"}});
  if (session.json)
    print_json({{"file", args.out}, {"sha256", digest}, {"tensors", loaded.model->state().size()}});
  else
    print(args.out + ": " + std::to_string(loaded.model->state().size()) + " tensors with torchvision key names\n");
  return 0;
}

void add_architecture(CLI::App& verb, Args& args) {
  verb.add_option("--backbone", args.options.backbone, "see winnow list backbones");
  verb.add_option("--head", args.options.head, "none, linear, linear_bn or bn");
  verb.add_option("--dim", args.options.dim, "embedding size (heads linear, linear_bn)");
  verb.add_option("--pool", args.options.pool, "avg, max or gem");
  verb.add_option("--stem", args.options.stem, "standard, small or early");
  verb.add_option("--size", args.preprocessing.size, "picture size");
}

}  // namespace

void add_weights(CLI::App& app, Session& session) {
  CLI::App* model = app.add_subcommand("model", "look at model folders");
  model->require_subcommand(1);
  auto args = std::make_shared<Args>();
  args->options.head = "none";
  auto* verb = add_verb(*model, session, "info", "card, licence and golden test of a model",
                        "  winnow model info runs/a/model", [args, &session] { return info(*args, session); });
  verb->add_option("model", args->model, "model folder")->required();
  CLI::App* weights = app.add_subcommand("weights", "bridge to Python: safetensors with torchvision key names");
  weights->require_subcommand(1);
  verb = add_verb(*weights, session, "diff", "missing, extra and misshapen keys",
                  "  winnow weights diff resnet50.safetensors --backbone resnet50",
                  [args, &session] { return diff(*args, session); });
  verb->add_option("weights", args->weights, "safetensors file")->required();
  add_architecture(*verb, *args);
  verb = add_verb(*weights, session, "import", "a model folder from a safetensors file",
                  "  winnow weights import resnet50.safetensors --backbone resnet50 --out r50",
                  [args, &session] { return import(*args, session); });
  verb->add_option("weights", args->weights, "safetensors file")->required();
  verb->add_option("--out", args->out, "model folder to write")->required();
  add_architecture(*verb, *args);
  verb = add_verb(*weights, session, "export", "a model's weights for Python",
                  "  winnow weights export runs/a/model --out a.safetensors",
                  [args, &session] { return export_weights(*args, session); });
  verb->add_option("model", args->model, "model folder")->required();
  verb->add_option("--out", args->out, "safetensors file to write")->required();
}

}  // namespace winnow::cli
