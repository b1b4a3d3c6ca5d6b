#include <memory>

#include "src/core/tables.h"
#include "src/workflow/face/align.h"
#include "tools/winnow/cli.h"

namespace winnow::cli {
namespace {

struct Args {
  DataSource source;
  AlignOptions options;
  std::string out;
};

int run(const Args& args, const Session& session) {
  const AlignResult r = align_collection(args.source, args.options, args.out);
  if (session.json) {
    print_json({{"pictures", r.pictures},
                {"aligned", r.aligned},
                {"failed", r.failed},
                {"poor_fit", r.poor},
                {"mean_residual_pixels", r.mean_residual},
                {"manifest", args.out + "/manifest.csv"}});
    return 0;
  }
  for (const auto& line : r.failed) print("left out  " + line + "\n");
  for (const auto& line : r.poor) print("poor fit  " + line + "\n");
  print(std::to_string(r.aligned) + " of " + std::to_string(r.pictures) + " pictures aligned to " + args.options.face +
        " (" + args.options.rule + "), mean residual " + format_number(r.mean_residual, 2) +
        " pixels\nnext: winnow eval "
        "face " +
        args.out + "/manifest.csv --protocol all-pairs --model MODEL\n");
  return 0;
}

}  // namespace

void add_data_align(CLI::App& data, Session& session) {
  auto args = std::make_shared<Args>();
  auto* verb = add_verb(data, session, "align", "warp faces by five points to the template of face networks",
                        "  winnow data align faces/ --landmarks points.csv --out aligned\n  winnow data align list.csv "
                        "--landmarks points.txt --template arcface:224 --rule cp2tform --out aligned",
                        [args, &session] { return run(*args, session); });
  add_data_options(*verb, args->source);
  verb->add_option("--landmarks", args->options.landmarks,
                   "file (path and 10 or 136 numbers a line) or CALFW-style folder")
      ->required();
  verb->add_option("--template", args->options.face, "arcface112, sphereface96x112 or arcface:SIZE");
  verb->add_option("--rule", args->options.rule, "umeyama or cp2tform")->check(CLI::IsMember({"umeyama", "cp2tform"}));
  verb->add_option("--max-residual", args->options.max_residual, "share of the width above which a fit is named poor");
  verb->add_option("--out", args->out, "folder to write")->required();
}

}  // namespace winnow::cli
