#include <memory>

#include "src/workflow/data_duplicates.h"
#include "src/workflow/words.h"
#include "tools/winnow/cmd_noise_verbs.h"

namespace winnow::cli {
namespace {

struct Args {
  DataSource source;
  DuplicateOptions options;
  std::string out, against;
  std::vector<std::string> against_archives;
};

std::string name(const Dataset& data, int64_t position) {
  const Item& item = data.items[static_cast<size_t>(position)];
  return item.path + (item.label < 0 ? "" : " (" + data.label_names[static_cast<size_t>(item.label)] + ")");
}

int run_dups(const Args& args, const Session& session) {
  const Dataset data = read_dataset(args.source);
  const DuplicateReport report = find_duplicates(data, args.options);
  if (!args.out.empty()) write_pairs_csv(args.out, data, report.pairs);
  if (session.json) {
    print_json(duplicates_document(data, report));
    return 0;
  }
  for (const auto& pair : report.pairs)
    if (data.items[static_cast<size_t>(pair.a)].label != data.items[static_cast<size_t>(pair.b)].label)
      print("one picture, two labels  " + name(data, pair.a) + "  |  " + name(data, pair.b) +
            words("  difference {}\n", {{pair.difference, 1}}));
  for (const auto& cluster : report.clusters) {
    std::string line = words("cluster of {}  diameter {} ", {cluster.items.size(), {cluster.diameter, 1}});
    for (const int64_t i : cluster.items) line += " " + name(data, i);
    print(line + (cluster.two_splits ? "  (in two splits)" : "") + "\n");
  }
  for (const auto& fault : report.health)
    print(words("{}  {}  {}\n", {fault.fault, {fault.value, 2}, name(data, fault.item)}));
  for (const auto& bad : report.unreadable) print("unreadable  " + bad + "\n");
  print(words("{} pictures: {} in {} pairs ({} equal byte for byte), {} clusters; {} picture faults, {} unreadable\n",
              {report.pictures, report.in_pairs, report.pairs.size(), report.exact_pairs, report.clusters.size(),
               report.health.size(), report.unreadable.size()}));
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
  if (session.json) {
    print_json(leaks_document(data, report));
    return 0;
  }
  for (const auto& pair : report.pairs)
    print(words("leak  {} [{}]  |  {} [{}]  difference {}\n", {name(data, pair.a),
                                                               data.items[static_cast<size_t>(pair.a)].split,
                                                               name(data, pair.b),
                                                               data.items[static_cast<size_t>(pair.b)].split,
                                                               {pair.difference, 1}}));
  size_t labels = 0;
  for (const auto& overlap : report.overlaps) labels += overlap.kind == "label" ? 1 : 0;
  print(words("{} splits: {} pairs of one picture in two splits; {} labels and {} groups in more than one split\n",
              {report.splits.size(), report.pairs.size(), labels, report.overlaps.size() - labels}));
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
