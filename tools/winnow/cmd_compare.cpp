#include <memory>

#include "src/core/error.h"
#include "src/core/tables.h"
#include "src/evaluation/compare_files.h"
#include "tools/winnow/cli.h"
#include "tools/winnow/sweep_tables.h"

namespace winnow::cli {
namespace {

struct Args {
  std::vector<std::string> results;
  std::string out;
  int64_t resamples = 10'000;
  uint64_t seed = 1;
};

nlohmann::ordered_json document(const ResultComparison& result) {
  nlohmann::ordered_json j = {{"paired", result.paired},
                              {"only_in_a", result.only_in_a},
                              {"only_in_b", result.only_in_b},
                              {"metrics", nlohmann::ordered_json::object()}};
  for (const auto& m : result.metrics) {
    nlohmann::ordered_json entry = {{"a", m.a}, {"b", m.b}, {"difference", m.difference.difference}};
    if (result.paired) {
      entry["interval"] = {m.difference.interval.low, m.difference.interval.high};
      entry["certain"] = m.difference.certain();
      entry["queries"] = m.difference.queries;
    }
    j["metrics"][m.metric] = entry;
  }
  return j;
}

void print_table(const ResultComparison& result) {
  Table table({"metric", "A", "B", "B - A", "95 % interval", ""});
  for (const auto& m : result.metrics) {
    const auto& d = m.difference;
    table.add({m.metric, format_number(m.a, 4), format_number(m.b, 4), format_number(d.difference, 4),
               result.paired ? format_number(d.interval.low, 4) + " .. " + format_number(d.interval.high, 4) : "",
               !result.paired ? ""
               : d.certain()  ? (d.difference > 0 ? "B is better" : "A is better")
                              : "not told apart"});
  }
  print(table.text());
  if (result.paired)
    print(std::to_string(result.metrics[0].difference.queries) + " queries in both, " +
          std::to_string(result.only_in_a) + " in A alone, " + std::to_string(result.only_in_b) +
          " in B alone; paired bootstrap over queries\n");
  else
    print("no interval: results without queries cannot be paired (eval --per-query writes them)\n");
}

int run(const Args& args, const Session& session) {
  if (fs::is_directory(args.results.front())) {
    const SweepResults sweeps = merge_sweeps({args.results.begin(), args.results.end()});
    if (!args.out.empty()) write_sweep_results(args.out, sweeps);
    print_sweep(sweeps, args.out, session);
    return 0;
  }
  if (args.results.size() != 2) throw Error(ErrorCode::kUsage, "two results of eval are required, A and B");
  const auto result = compare_results(args.results[0], args.results[1], args.resamples, args.seed);
  if (session.json)
    print_json(document(result));
  else
    print_table(result);
  return 0;
}

}  // namespace

void add_compare(CLI::App& app, Session& session) {
  auto args = std::make_shared<Args>();
  auto* verb = add_verb(app, session, "compare", "two results of eval, or the tables of one or several sweeps",
                        "  winnow compare a/queries.csv b/queries.csv\n  winnow compare a.json b.json --json\n  winnow "
                        "compare sweeps/a sweeps/b --out sweeps/both",
                        [args, &session] { return run(*args, session); });
  verb->add_option("results", args->results,
                   "two per-query CSVs (eval --per-query), two JSON results, or sweep folders")
      ->required();
  verb->add_option("--out", args->out, "sweeps: write tables and report of all of them into this folder");
  verb->add_option("--bootstrap", args->resamples, "resamples of the queries")->check(CLI::Range(1, 1000000));
  verb->add_option("--seed", args->seed, "seed of the resamples");
}

}  // namespace winnow::cli
