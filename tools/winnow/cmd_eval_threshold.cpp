#include <memory>

#include "src/core/error.h"
#include "src/core/text.h"
#include "src/workflow/eval_threshold.h"
#include "src/workflow/face/threshold.h"
#include "tools/winnow/cmd_eval.h"

namespace winnow::cli {
namespace {

struct Args {
  std::string queries, gallery, target = "precision=0.95", store, level = "same", memory;
  bool flip = false;
  RetrievalOptions options;
  FaceEvalOptions faces;
};

int run_faces(Args& args, const Session& session) {
  args.faces.source.flip = args.flip;
  args.faces.bootstrap = args.options.bootstrap;
  args.faces.seed = args.options.seed;
  const FaceThreshold result = face_threshold(args.faces, args.target);
  if (!args.store.empty()) store_face_threshold(args.store, result, args.level);
  if (session.json)
    print_json(face_threshold_document(result));
  else
    print(face_threshold_text(result));
  return 0;
}

int run(Args& args, const Session& session) {
  if (args.queries.empty() == args.faces.protocol.empty())
    throw Error(ErrorCode::kUsage, "either --queries EMB or, for faces, --protocol NAME is required");
  if (!args.faces.protocol.empty()) return run_faces(args, session);
  if (!args.memory.empty()) args.options.memory = parse_bytes(args.memory);
  args.options.keep_hits = 1;
  const ThresholdRun result = threshold_of_folders(args.queries, args.gallery, args.target, args.options);
  if (!args.store.empty()) store_threshold(args.store, result, args.level);
  if (session.json)
    print_json(threshold_document(result));
  else
    print(threshold_text(result));
  return 0;
}

}  // namespace

void add_eval_threshold(CLI::App& eval, Session& session) {
  auto args = std::make_shared<Args>();
  auto* verb = add_verb(
      eval, session, "threshold", "the score from which a match is believed, with interval and the pairs behind it",
      "  winnow eval threshold --queries emb/test --gallery emb/train --target precision=0.95\n  winnow eval threshold "
      "--queries emb/test --gallery emb/train --target far=0.01 --store run/model --level same\n  winnow eval "
      "threshold "
      "--protocol lfw --pairs pairs.txt --images lfw --model run/model --target far=1e-3 --store run/model",
      [args, &session] { return run(*args, session); });
  verb->add_option("--queries", args->queries, "embeddings folder: the threshold of first hits");
  verb->add_option("--gallery", args->gallery, "embeddings folder (default: the queries themselves)");
  verb->add_option("--target", args->target, "far=RATE, precision=SHARE, recall=SHARE; faces: fpir=RATE too");
  verb->add_option("--store", args->store, "model folder whose card keeps the threshold; query then uses it");
  verb->add_option("--level", args->level, "what the threshold means in the card")
      ->check(CLI::IsMember({"same", "similar"}));
  verb->add_option("--mem", args->memory, "memory above the vectors, e.g. 2G");
  verb->add_option("--bootstrap", args->options.bootstrap, "resamples for the interval")->check(CLI::Range(0, 1000000));
  verb->add_option("--seed", args->options.seed, "seed of the resamples");
  add_face_sources(*verb, args->faces);
  verb->add_flag("--flip", args->flip, "faces: sum of both views (a query compares one)");
}

}  // namespace winnow::cli
