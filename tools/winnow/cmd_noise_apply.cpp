#include <memory>

#include "src/workflow/noise_apply.h"
#include "src/workflow/words.h"
#include "tools/winnow/cmd_noise_verbs.h"

namespace winnow::cli {
namespace {

int run_apply(const ApplyRequest& request, const Session& session) {
  const ApplyResult r = apply_decisions(request);
  if (session.json) {
    print_json({{"file", request.out},
                {"sha256", r.digest},
                {"parent_sha256", r.parent_digest},
                {"rows", r.rows},
                {"relabelled", r.relabelled},
                {"dropped", r.dropped},
                {"kept", r.kept},
                {"unsure", r.unsure},
                {"unchanged", r.unchanged},
                {"protected", r.protected_rows}});
    return 0;
  }
  print(words("{}: {} rows; {} relabelled, {} dropped, {} kept, {} unsure\n",
              {request.out, r.rows, r.relabelled, r.dropped, r.kept, r.unsure}));
  if (r.unchanged > 0) print(words("{} had that label already\n", {r.unchanged}));
  if (r.protected_rows > 0)
    print(words("{} decisions about test or validation rows were not carried out; --touch-split NAME allows it\n",
                {r.protected_rows}));
  print(request.source.data + " is untouched; undo: winnow noise revert " + request.out + " --out OLD.csv\n");
  return 0;
}

struct RevertArgs {
  std::string file, out;
  int64_t steps = 1;
};

int run_revert(const RevertArgs& args, const Session& session) {
  const RevertResult r = revert_manifest(args.file, args.steps, args.out);
  if (session.json)
    print_json({{"file", args.out}, {"sha256", r.digest}, {"parent", r.parent}, {"steps", r.steps}});
  else
    print(args.out + ": byte for byte what " + r.parent + " was, " + std::to_string(r.steps) +
          " step(s) back\nsha256 " + r.digest + "\n");
  return 0;
}

}  // namespace

void add_noise_decisions(CLI::App& noise, Session& session) {
  auto apply = std::make_shared<ApplyRequest>();
  auto* verb = add_verb(noise, session, "apply", "a new manifest from decisions; the old one is never edited",
                        "  winnow noise apply train.csv --decisions suspects.decisions.csv --out clean.csv\n"
                        "  winnow noise apply train.csv --decisions suspects.csv --auto-above 0.97 --out clean.csv",
                        [apply, &session] { return run_apply(*apply, session); });
  add_data_options(*verb, apply->source);
  verb->add_option("--decisions", apply->decisions,
                   "CSV: row, decision (keep, relabel, drop, unsure), new_label; or a list of suspects")
      ->required();
  verb->add_option("--auto-above", apply->auto_above, "relabel the suspects whose confidence reaches this")
      ->check(CLI::Range(0.0, 1.0));
  verb->add_option("--touch-split", apply->touch_splits,
                   "allow changes in this split (test, val and validation are protected)");
  verb->add_option("--out", apply->out, "manifest to write; OUT.history/ beside it keeps what undo needs")->required();
  auto revert = std::make_shared<RevertArgs>();
  verb = add_verb(noise, session, "revert", "the manifest as it was before, byte for byte",
                  "  winnow noise revert clean.csv --out train.csv",
                  [revert, &session] { return run_revert(*revert, session); });
  verb->add_option("file", revert->file, "manifest that `noise apply` wrote")->required();
  verb->add_option("--steps", revert->steps, "how many applications to take back")->check(CLI::PositiveNumber);
  verb->add_option("--out", revert->out, "file to write")->required();
}

}  // namespace winnow::cli
