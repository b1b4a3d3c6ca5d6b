#include <memory>

#include "src/core/error.h"
#include "src/workflow/data_text.h"
#include "tools/winnow/cmd_noise_verbs.h"

namespace winnow::cli {
namespace {

struct CheckArgs {
  DataSource source;
  std::string rejected_csv;
};

int run_check(const CheckArgs& args, const Session& session) {
  const Dataset dataset = read_dataset(args.source);
  const DataCheck check = check_dataset(dataset);
  if (!args.rejected_csv.empty()) write_rejected(args.rejected_csv, check);
  if (session.json)
    print_json(check_document(check));
  else
    print(check_text(check, args.source.data));
  return check.usable > 0 ? 0 : exit_code(ErrorCode::kData);
}

struct SplitArgs {
  DataSource source;
  double held_out = 0.2;
  uint64_t seed = 1;
  std::string out, out_held_out;
};

int run_split(const SplitArgs& args, const Session& session) {
  const SplitSizes rows =
      split_manifest(read_dataset(args.source), args.held_out, args.seed, args.out, args.out_held_out);
  if (session.json)
    print_json({{"train", {{"file", args.out}, {"rows", rows.train}}},
                {"held_out", {{"file", args.out_held_out}, {"rows", rows.held_out}}}});
  else
    print(args.out + ": " + std::to_string(rows.train) + " rows\n" + args.out_held_out + ": " +
          std::to_string(rows.held_out) + " rows of classes that the first file lacks\n");
  return 0;
}

}  // namespace

void add_data(CLI::App& app, Session& session) {
  CLI::App* data = app.add_subcommand("data", "look at, check and split picture collections");
  data->require_subcommand(1);
  auto check = std::make_shared<CheckArgs>();
  auto* verb = add_verb(*data, session, "check", "open every picture and explain every rejected row",
                        "  winnow data check photos/\n  winnow data check list.csv --label product --where "
                        "split=train\n  winnow data check images.csv --archive all.tar --label fine --json",
                        [check, &session] { return run_check(*check, session); });
  add_data_options(*verb, check->source);
  verb->add_option("--rejected", check->rejected_csv, "write the rejected rows to this CSV");
  auto split = std::make_shared<SplitArgs>();
  verb = add_verb(*data, session, "split", "two manifests with no class in common",
                  "  winnow data split photos/ --held-out 0.2 --out train.csv --held-out-csv test.csv",
                  [split, &session] { return run_split(*split, session); });
  add_data_options(*verb, split->source);
  verb->add_option("--held-out", split->held_out, "share of classes for the second manifest")
      ->check(CLI::Range(0.001, 0.999));
  verb->add_option("--seed", split->seed, "decides which classes");
  verb->add_option("--out", split->out, "first manifest")->required();
  verb->add_option("--held-out-csv", split->out_held_out, "second manifest")->required();
  add_data_align(*data, session);
  add_data_pairs(*data, session);
}

}  // namespace winnow::cli
