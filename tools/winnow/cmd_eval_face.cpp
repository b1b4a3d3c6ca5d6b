#include <memory>

#include "src/core/tables.h"
#include "src/workflow/face/eval.h"
#include "tools/winnow/cmd_eval.h"

namespace winnow::cli {
namespace {

struct Args {
  FaceEvalOptions options;
  std::string report, curve;
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
  if (!args.curve.empty()) write_face_curve(args.curve, result);
  print(session.json ? face_json(result) + "\n" : face_text(result));
  check_gates(args.require, result.metrics, GateNames::kMeasured);
  return 0;
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
  add_face_sources(*verb, o);
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
  verb->add_option("--probe-noise", o.probe_noise, "megaface: facescrub_noises.txt");
  verb->add_option("--distractor-noise", o.distractor_noise, "megaface: megaface_noises.txt");
  verb->add_flag("--no-flip", args->no_flip, "do not embed the mirrored picture");
  verb->add_option("--bootstrap", o.bootstrap, "resamples of people (0 = no intervals)")->check(CLI::Range(0, 1000000));
  verb->add_option("--seed", o.seed, "of resamples and enrolment");
  verb->add_option("--report", args->report, "HTML report");
  verb->add_option("--curve", args->curve, "CSV of the ROC or 1:N DET; megaface: the devkit's result JSON");
  verb->add_option("--require", args->require, "gate such as 'accuracy.r-if>=0.99' (repeatable)");
  verb->add_flag("--list", args->list, "list the protocols");
}

}  // namespace winnow::cli
