#include <memory>

#include "src/core/error.h"
#include "src/core/tables.h"
#include "src/core/text.h"
#include "src/tensor/device.h"
#include "src/workflow/embed_source.h"
#include "src/workflow/face/embed.h"
#include "tools/winnow/cli.h"
#include "tools/winnow/slice.h"

namespace winnow::cli {
namespace {

struct Args {
  DataSource source;
  std::string model, out, slice;
  EmbedOptions options;
  FaceSourceOptions face;  ///< of an ONNX network
};

void read_slice(const std::string& text, EmbedOptions& options) {
  if (text.empty()) return;
  const auto [at, of] = parse_slice(text);
  options.slice = static_cast<int>(at);
  options.slices = static_cast<int>(of);
}

int run_network(Args& args, const Session& session) {
  if (!args.slice.empty()) throw Error(ErrorCode::kUsage, "--slice works with model folders, not with ONNX networks");
  args.face.data = args.source;
  args.face.model.model = args.model;
  args.face.flip = args.options.flip;
  args.face.max_bad = args.options.max_bad;
  const FaceEmbedResult result = embed_with_network(args.face, args.out);
  if (session.json) {
    print_json({{"embeddings", args.out},
                {"images", result.images},
                {"dim", result.dim},
                {"bad", result.bad},
                {"notes", result.notes},
                {"seconds", result.seconds}});
    return 0;
  }
  for (const auto& bad : result.bad) print("left out  " + bad + "\n");
  for (const auto& note : result.notes) print("note: " + note + "\n");
  print(std::to_string(result.images) + " pictures in " + args.out + "\nnext: winnow index build " + args.out +
        " --out IDX\n");
  return 0;
}

int run(Args& args, const Session& session) {
  if (fs::path(args.model).extension() == ".onnx") return run_network(args, session);
  read_slice(args.slice, args.options);
  init_torch_threads();
  LoadedModel model = load_model(args.model);
  const EmbedResult result = embed_source(args.source, model, args.model, args.options, args.out);
  if (session.json) {
    print_json({{"embeddings", args.out},
                {"images", result.images},
                {"dim", model.model->dim()},
                {"bad", result.bad},
                {"seconds", result.seconds},
                {"images_per_second", result.images_per_second},
                {"wait_share", result.wait_share}});
    return 0;
  }
  for (const auto& bad : result.bad) print("left out  " + bad + "\n");
  print(std::to_string(result.images) + " pictures in " + args.out + "  (" +
        format_number(result.images_per_second, 1) + " images/s)\nnext: winnow index build " + args.out +
        " --out IDX\n");
  return 0;
}

}  // namespace

void add_embed(CLI::App& app, Session& session) {
  auto args = std::make_shared<Args>();
  auto* verb = add_verb(app, session, "embed", "vectors of a picture collection with a trained model",
                        "  winnow embed photos/ --model runs/a/model --out emb\n  winnow embed images.csv --archive "
                        "all.tar --label fine --where split=test --model runs/a/model --out emb/test",
                        [args, &session] { return run(*args, session); });
  add_data_options(*verb, args->source);
  verb->add_option("--model", args->model, "model folder (RUN/model) or FILE.onnx")->required();
  verb->add_option("--pixels", args->face.model.pixels, "of an ONNX file: see docs/faces.md");
  verb->add_option("--fit", args->face.fit, "of an ONNX file: center, edge or stretch")
      ->check(CLI::IsMember({"center", "edge", "stretch"}));
  verb->add_option("--out", args->out, "embeddings folder to write")->required();
  verb->add_option("--batch", args->options.batch, "pictures a batch")->check(CLI::Range(1, 4096));
  verb->add_option("--device", args->options.device, "auto, cpu or cuda:N");
  verb->add_option("--precision", args->options.precision, "fp32, bf16 or auto (bf16 where it is faster)")
      ->check(CLI::IsMember({"fp32", "bf16", "auto"}));
  verb->add_flag("--flip", args->options.flip, "mean with the mirrored picture");
  verb->add_option("--scales", args->options.further_scales,
                   "mean with the picture at these sizes too, e.g. 0.7071,0.5")
      ->delimiter(',')
      ->check(CLI::Range(0.05, 4.0));
  verb->add_option("--slice", args->slice, "part i of n (i/n, i from 0), for several machines");
  verb->add_option("--max-bad", args->options.max_bad, "share of unreadable pictures that is tolerated")
      ->check(CLI::Range(0.0, 1.0));
}

}  // namespace winnow::cli
