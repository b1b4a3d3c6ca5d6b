#include <memory>

#include "src/workflow/data_duplicates.h"
#include "src/workflow/data_text.h"
#include "tools/winnow/cmd_noise_verbs.h"

namespace winnow::cli {
namespace {

struct Args {
  DataSource source;
  DuplicateOptions options;
  std::string out, against;
  std::vector<std::string> against_archives;
};

int run_dups(const Args& args, const Session& session) {
  const Dataset data = read_dataset(args.source);
  const DuplicateReport report = find_duplicates(data, args.options);
  if (!args.out.empty()) write_pairs_csv(args.out, data, report.pairs);
  if (session.json)
    print_json(duplicates_document(data, report));
  else
    print(duplicates_text(data, report));
  return 0;
}

int run_leak(const Args& args, const Session& session) {
  Dataset data = read_dataset(args.source);
  if (!args.against.empty()) {
    DataSource other = args.source;
    other.data = args.against;
    other.archives = args.against_archives;
    other.where.clear();
    data = join_datasets(data, read_dataset(other));
  }
  const LeakReport report = find_leaks(data, find_duplicates(data, args.options));
  if (!args.out.empty()) write_pairs_csv(args.out, data, report.pairs);
  if (session.json)
    print_json(leaks_document(data, report));
  else
    print(leaks_text(data, report));
  return 0;
}

}  // namespace

void add_data_pairs(CLI::App& data, Session& session) {
  const auto common = [](CLI::App& verb, Args& args) {
    add_data_options(verb, args.source);
    verb.add_option("--max-difference", args.options.max_difference,
                    "mean difference of two pictures at 32 x 32, of 255")
        ->check(CLI::Range(0.0, 64.0));
    verb.add_option("--out", args.out, "CSV of the pairs");
  };
  auto dups = std::make_shared<Args>();
  auto* verb = add_verb(
      data, session, "dups", "exact and near duplicates, one picture under two labels first; faults of pictures",
      "  winnow data dups photos/ --out pairs.csv", [dups, &session] { return run_dups(*dups, session); });
  common(*verb, *dups);
  auto leak = std::make_shared<Args>();
  verb = add_verb(data, session, "leak", "pictures, labels and groups that are in more than one split",
                  "  winnow data leak list.csv\n  winnow data leak train/ --against test/",
                  [leak, &session] { return run_leak(*leak, session); });
  common(*verb, *leak);
  verb->add_option("--against", leak->against, "a second data set instead of a column split");
  verb->add_option("--against-archive", leak->against_archives, "its archives");
}

}  // namespace winnow::cli
