#include <memory>

#include "data/dataset.h"
#include "src/core/error.h"
#include "src/core/tables.h"
#include "src/labels/inject.h"
#include "tools/winnow/cmd_noise_verbs.h"

namespace winnow::cli {
namespace {

struct Args {
  DataSource source;
  InjectOptions options;
  std::string out;
};

int run(const Args& args, const Session& session) {
  Dataset dataset = read_dataset(args.source);
  const auto noisy = inject_noise(dataset.labels(), dataset.classes(), args.options);
  for (size_t i = 0; i < dataset.items.size(); ++i) {
    auto& item = dataset.items[i];
    std::erase_if(item.columns, [](const auto& column) { return column.first == "true_label"; });
    item.columns.emplace_back("true_label", dataset.label_names[static_cast<size_t>(item.label)]);
    item.label = noisy.labels[i];
  }
  const std::string digest = write_manifest(args.out, dataset);
  if (session.json) {
    print_json({{"file", args.out},
                {"sha256", digest},
                {"rows", dataset.items.size()},
                {"changed", noisy.changed},
                {"type", args.options.type},
                {"asked_rate", args.options.rate},
                {"realised_rate", noisy.realised_rate},
                {"seed", args.options.seed}});
    return 0;
  }
  print(args.out + ": " + std::to_string(noisy.changed) + " of " + std::to_string(dataset.items.size()) +
        " labels changed (" + format_number(100 * noisy.realised_rate, 2) + " %, " + args.options.type + ", seed " +
        std::to_string(args.options.seed) + "); the right label is in column true_label\nsha256 " + digest + "\n");
  return 0;
}

}  // namespace

void add_noise(CLI::App& app, Session& session) {
  CLI::App* noise = app.add_subcommand("noise", "make, find, estimate, mend and undo wrong labels");
  noise->require_subcommand(1);
  auto args = std::make_shared<Args>();
  auto* verb = add_verb(*noise, session, "inject", "a manifest with an exact share of wrong labels",
                        "  winnow noise inject photos/ --type symmetric --rate 0.4 --seed 7 --out noisy.csv",
                        [args, &session] { return run(*args, session); });
  add_data_options(*verb, args->source);
  verb->add_option("--type", args->options.type, "symmetric (any other class) or pair (the next class)")
      ->check(CLI::IsMember({"symmetric", "pair"}));
  verb->add_option("--rate", args->options.rate, "share of labels to change")->check(CLI::Range(0.0, 1.0));
  verb->add_option("--seed", args->options.seed, "decides which");
  verb->add_option("--out", args->out, "manifest to write")->required();
  add_noise_rank(*noise, session);
  add_noise_decisions(*noise, session);
  add_noise_audit(*noise, session);
}

}  // namespace winnow::cli
