#include <memory>

#include "src/workflow/noise_inject.h"
#include "src/workflow/words.h"
#include "tools/winnow/cmd_noise_verbs.h"

namespace winnow::cli {
namespace {

struct Args {
  InjectRequest request;
  bool chance = false;
};

int run(Args& args, const Session& session) {
  InjectRequest& request = args.request;
  request.options.exact = !args.chance;
  const InjectOutcome out = inject_dataset(request);
  if (session.json) {
    print_json({{"file", request.out},
                {"sha256", out.digest},
                {"noise_file", out.noise_file},
                {"noise_sha256", out.noise_digest},
                {"rows", out.rows},
                {"left_out", out.left_out},
                {"changed", out.labels.changed},
                {"type", request.options.type},
                {"exact", request.options.exact},
                {"asked_rate", request.options.rate},
                {"realised_rate", out.labels.realised_rate},
                {"seed", request.options.seed}});
    return 0;
  }
  print(
      words("{}: {} of {} labels changed ({} %, {}, seed {}); the right label is in column true_label\nsha256 "
            "{}\nnoise {} sha256 {}\n",
            {request.out,
             out.labels.changed,
             out.rows,
             {100 * out.labels.realised_rate, 2},
             request.options.type,
             request.options.seed,
             out.digest,
             out.noise_file,
             out.noise_digest}));
  if (out.left_out > 0) print(std::to_string(out.left_out) + " rows of left-out classes are not in it\n");
  return 0;
}

void add_inject(CLI::App& noise, Session& session) {
  auto args = std::make_shared<Args>();
  auto* verb = add_verb(noise, session, "inject", "a manifest with a known share of wrong labels",
                        "  winnow noise inject photos/ --type symmetric --rate 0.4 --seed 7 --out noisy.csv\n"
                        "  winnow noise inject list.csv --type map --map pear=apple --rate 0.3 --out noisy.csv\n"
                        "  winnow noise inject list.csv --type instance --features EMB --rate 0.2 --out noisy.csv",
                        [args, &session] { return run(*args, session); });
  InjectRequest& request = args->request;
  add_data_options(*verb, request.source);
  verb->add_option("--type", request.options.type,
                   "symmetric (any other class), symmetric-own (any class), pair (the next class), map (--map), "
                   "superclass (--superclass), "
                   "instance and cluster (--features), open-set (--open-classes)")
      ->check(CLI::IsMember(inject_types()));
  verb->add_option("--rate", request.options.rate, "share of labels to change")->check(CLI::Range(0.0, 1.0));
  verb->add_flag("--chance", args->chance, "change each label with this chance instead of exactly this share");
  verb->add_option("--seed", request.options.seed, "decides which");
  verb->add_option("--map", request.map, "FROM=TO (repeatable)");
  verb->add_option("--superclass", request.superclass, "column with the superclass of a row's class");
  verb->add_option("--features", request.features, "embeddings folder of the same data");
  verb->add_option("--cluster-size", request.options.cluster_size, "alike pictures that move together")
      ->check(CLI::Range(1, 10000));
  verb->add_option("--open-classes", request.options.open_classes,
                   "classes to leave out; their pictures are the strangers");
  verb->add_option("--out", request.out, "manifest to write; OUT.noise.json beside it lists the changes")->required();
}

}  // namespace

void add_noise(CLI::App& app, Session& session) {
  CLI::App* noise = app.add_subcommand("noise", "make, find, estimate, mend and undo wrong labels");
  noise->require_subcommand(1);
  add_inject(*noise, session);
  add_noise_rank(*noise, session);
  add_noise_decisions(*noise, session);
  add_noise_audit(*noise, session);
}

}  // namespace winnow::cli
