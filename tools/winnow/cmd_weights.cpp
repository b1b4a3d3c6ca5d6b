#include <memory>

#include "src/core/error.h"
#include "src/tensor/device.h"
#include "src/workflow/model_exchange.h"
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
  const auto document = model_document(args.model);
  if (session.json)
    print_json(document);
  else
    print(model_text(document));
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
  import_model(args.weights, args.options, args.preprocessing, args.out);
  if (session.json)
    print_json({{"model", args.out}});
  else
    print("model folder " + args.out + "\nnext: winnow embed DATA --model " + args.out + " --out EMB\n");
  return 0;
}

int export_weights(const Args& args, const Session& session) {
  const ExportedWeights file = export_model(args.model, args.out);
  if (session.json)
    print_json({{"file", args.out}, {"sha256", file.digest}, {"tensors", file.tensors}});
  else
    print(args.out + ": " + std::to_string(file.tensors) + " tensors with torchvision key names\n");
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
