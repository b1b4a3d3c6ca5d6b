#include <memory>

#include "src/core/tables.h"
#include "src/workflow/face/eval.h"
#include "tools/winnow/cmd_eval.h"

namespace winnow::cli {
namespace {

struct Args {
  FaceEvalOptions options;
  std::string report;
  std::vector<std::string> require;
  bool no_flip = false, list = false;
};

int print_protocols() {
  Table table({"protocol", "--pairs", "what it is"});
  for (const auto& p : face_protocols()) table.add({p.name, p.pairs, p.summary});
  print(table.text());
  return 0;
}

int run(Args& args, const Session& session) {
  if (args.list) return print_protocols();
  args.options.source.flip = !args.no_flip;
  for (const auto& gate : args.require) parse_requirement(gate);
  const FaceRun result = evaluate_faces(args.options);
  if (!args.report.empty()) write_face_report(args.report, result, session.command);
  print(session.json ? face_json(result) + "\n" : face_text(result));
  check_gates(args.require, result.metrics, GateNames::kMeasured);
  return 0;
}

void add_sources(CLI::App& verb, FaceSourceOptions& s) {
  add_data_options(verb, s.data, false);
  verb.add_option("--images", s.images, "folder or tar below which the list's pictures lie");
  verb.add_option("--model", s.model.model, "model folder or FILE.onnx");
  verb.add_option("--embeddings", s.embeddings, "embeddings folder instead of pictures and model");
  verb.add_option("--pixels", s.model.pixels, "of an ONNX file: raw, arcface, arcface128, adaface, magface, facexzoo");
  verb.add_option("--size", s.model.size, "picture side of an ONNX file")->check(CLI::Range(16, 1024));
  verb.add_option("--fit", s.fit, "pictures of another size: center, edge (repeat outer columns) or stretch")
      ->check(CLI::IsMember({"center", "edge", "stretch"}));
  verb.add_option("--max-bad", s.max_bad, "share of unreadable pictures that is tolerated")
      ->check(CLI::Range(0.0, 1.0));
}

}  // namespace

void add_eval_face(CLI::App& eval, Session& session) {
  auto args = std::make_shared<Args>();
  auto& o = args->options;
  auto* verb =
      add_verb(eval, session, "face", "face protocols: pairs, all pairs, 1:N, templates, clusters",
               "  winnow eval face --protocol lfw --pairs pairs.txt --images lfw --model RUN/model\n  winnow eval "
               "face --protocol cfp-fp --pairs cfp_fp.bin --model face.onnx --pixels arcface --report fp.html\n  "
               "winnow eval face faces.csv --archive faces.tar --protocol all-pairs --model face.onnx",
               [args, &session] { return run(*args, session); });
  verb->add_option("--protocol", o.protocol, "see --list");
  verb->add_option("--pairs", o.pairs, "pair list, folder of lists or .bin");
  add_sources(*verb, o.source);
  verb->add_option("--far", o.fars, "FAR targets")->delimiter(',')->check(CLI::Range(0.0, 1.0));
  verb->add_option("--fpir", o.fpirs, "FPIR targets")->delimiter(',')->check(CLI::Range(0.0, 1.0));
  verb->add_option("--rank", o.rank, "1:N: rank of the mate that still counts")->check(CLI::Range(1, 100000));
  verb->add_option("--enrol", o.enrol, "identify: gallery pictures a person")->check(CLI::Range(1, 1000));
  verb->add_option("--unknown", o.unknown, "identify: share of people left out of the gallery")
      ->check(CLI::Range(0.0, 1.0));
  verb->add_option("--threshold", o.threshold, "cluster: cosine above which two faces are one person");
  verb->add_option("--folds", o.folds, "list or disjoint (no person in two folds)")
      ->check(CLI::IsMember({"list", "disjoint"}));
  verb->add_option("--exclude", o.exclude, "text file of people whose pairs are left out (a training list)");
  verb->add_option("--train", o.train, "embeddings of the training set: look for the same people");
  verb->add_option("--overlap", o.overlap, "cosine of class centres that counts as the same person");
  verb->add_option("--distractors", o.distractors, "megaface: list JSON of the distractors");
  verb->add_option("--feature-suffix", o.feature_suffix, "megaface without a model: PATH + this are feature files");
  verb->add_option("--probe-noise", o.probe_noise, "megaface: facescrub_noises.txt");
  verb->add_option("--distractor-noise", o.distractor_noise, "megaface: megaface_noises.txt");
  verb->add_flag("--no-flip", args->no_flip, "do not embed the mirrored picture");
  verb->add_option("--bootstrap", o.bootstrap, "resamples of people (0 = no intervals)")->check(CLI::Range(0, 1000000));
  verb->add_option("--seed", o.seed, "of resamples and enrolment");
  verb->add_option("--report", args->report, "HTML report");
  verb->add_option("--require", args->require, "gate such as 'accuracy.r-if>=0.99' (repeatable)");
  verb->add_flag("--list", args->list, "list the protocols");
}

}  // namespace winnow::cli
