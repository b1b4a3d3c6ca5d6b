#include <memory>
#include <tuple>

#include "src/core/error.h"
#include "src/tensor/device.h"
#include "src/workflow/embed_source.h"
#include "src/workflow/embed_text.h"
#include "src/workflow/face/embed.h"
#include "tools/winnow/cli.h"
#include "tools/winnow/slice.h"

namespace winnow::cli {
namespace {

struct Args {
  DataSource source;
  std::string model, out, slice, whitening_from, like;
  EmbedOptions options;
  WhiteningChoice whitening;
  FaceSourceOptions face;  ///< of an ONNX network
};

int run_network(Args& args, const Session& session) {
  if (!args.slice.empty()) throw Error(ErrorCode::kUsage, "--slice works with model folders, not with ONNX networks");
  args.face.data = args.source;
  args.face.model.model = args.model;
  args.face.flip = args.options.recipe.flip;
  args.face.max_bad = args.options.max_bad;
  const FaceEmbedResult result = embed_with_network(args.face, args.out, args.options.dtype);
  if (session.json)
    print_json(face_embed_json(result, args.out));
  else
    print(face_embed_text(result, args.out));
  return 0;
}

EmbedResult embed(Args& args) {
  args.whitening.from = args.whitening_from;
  if (holds_embeddings(args.source.data))
    return whiten_folder(args.source.data, args.whitening, args.out, args.options.dtype);
  if (args.model.empty()) throw Error(ErrorCode::kUsage, "--model is required to embed pictures");
  if (!args.slice.empty()) std::tie(args.options.slice, args.options.slices) = parse_slice(args.slice);
  args.options.whitening = chosen_whitening(args.whitening);
  if (!args.like.empty()) follow_recipe(args.like, args.options);
  init_torch_threads();
  LoadedModel model = load_model(args.model);
  return embed_source(args.source, model, args.model, args.options, args.out);
}

int run(Args& args, const Session& session) {
  if (fs::path(args.model).extension() == ".onnx") return run_network(args, session);
  const EmbedResult result = embed(args);
  if (session.json)
    print_json(embed_json(result, args.out));
  else
    print(embed_text(result, args.out));
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
  verb->add_option("--model", args->model, "model folder (RUN/model) or FILE.onnx");
  verb->add_option("--pixels", args->face.model.pixels, "of an ONNX file: see docs/faces.md");
  verb->add_option("--fit", args->face.fit, "of an ONNX file: center, edge or stretch")
      ->check(CLI::IsMember({"center", "edge", "stretch"}));
  verb->add_option("--out", args->out, "embeddings folder to write")->required();
  verb->add_option("--batch", args->options.batch, "pictures a batch")->check(CLI::Range(1, 4096));
  verb->add_option("--device", args->options.device, "auto, cpu or cuda:N");
  verb->add_option("--precision", args->options.precision, "fp32, bf16 or auto (bf16 where it is faster)")
      ->check(CLI::IsMember({"fp32", "bf16", "auto"}));
  verb->add_option("--dtype", args->options.dtype, "of the vectors on disk: float32, or float16 for half the room")
      ->check(CLI::IsMember({"float32", "float16"}));
  verb->add_flag("--flip", args->options.recipe.flip, "mean with the mirrored picture");
  verb->add_option("--scales", args->options.recipe.further_scales,
                   "mean with the picture at these sizes too, e.g. 0.7071,0.5")
      ->delimiter(',')
      ->check(CLI::Range(0.05, 4.0));
  verb->add_option("--pool", args->options.recipe.pool.kind, "gem or rmac instead of the model's own pooling")
      ->check(CLI::IsMember({"gem", "rmac"}));
  verb->add_option("--gem-p", args->options.recipe.pool.p, "exponent of --pool gem")->check(CLI::Range(0.1, 20.0));
  verb->add_option("--whiten", args->whitening.kind, "pca or pairs (of one label), learned on --whiten-from")
      ->check(CLI::IsMember({"pca", "pairs"}));
  verb->add_option("--whiten-from", args->whitening_from, "embeddings to learn whitening on; never those tested on");
  verb->add_option("--whiten-dim", args->whitening.dim, "dimensions that whitening keeps; 0 = all")
      ->check(CLI::Range(0, 65536));
  verb->add_option("--like", args->like, "flip, scales, pooling and whitening of an index or embeddings folder");
  verb->add_option("--slice", args->slice, "part i of n (i/n, i from 0), for several machines");
  verb->add_option("--max-bad", args->options.max_bad, "share of unreadable pictures that is tolerated")
      ->check(CLI::Range(0.0, 1.0));
}

}  // namespace winnow::cli
