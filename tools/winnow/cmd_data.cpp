#include <memory>

#include "data/check.h"
#include "src/core/csv.h"
#include "src/core/error.h"
#include "src/core/tables.h"
#include "tools/winnow/cmd_noise_verbs.h"

namespace winnow::cli {
namespace {

struct CheckArgs {
  DataSource source;
  std::string rejected_csv;
};

nlohmann::ordered_json check_document(const DataCheck& c) {
  nlohmann::ordered_json j = {{"rows", c.rows},
                              {"usable", c.usable},
                              {"classes", c.classes},
                              {"singletons", c.singletons},
                              {"median_per_class", c.median_per_class},
                              {"largest_class", {{"label", c.largest_class}, {"pictures", c.largest_class_size}}},
                              {"duplicates_by_bytes", c.duplicates_by_bytes},
                              {"seconds", c.seconds}};
  j["size"] = {{"min", {c.min_width, c.min_height}}, {"max", {c.max_width, c.max_height}}};
  j["empty_classes"] = c.empty_classes;
  j["rejected"] = nlohmann::json::array();
  for (const auto& r : c.rejected) j["rejected"].push_back({{"row", r.row}, {"path", r.path}, {"reason", r.reason}});
  j["same_picture_two_labels"] = nlohmann::json::array();
  for (const auto& [a, b] : c.same_bytes_two_labels) j["same_picture_two_labels"].push_back({a, b});
  return j;
}

std::string check_text(const DataCheck& c, const std::string& data) {
  std::string out;
  for (const auto& r : c.rejected)
    out += "rejected  row " + std::to_string(r.row) + "  " + r.path + ": " + r.reason + "\n";
  for (const auto& name : c.empty_classes) out += "empty class  " + name + "\n";
  for (const auto& [a, b] : c.same_bytes_two_labels) out += "one picture, two labels  " + a + "  |  " + b + "\n";
  out += std::to_string(c.rows) + " rows   " + std::to_string(c.usable) + " usable   " +
         std::to_string(c.rejected.size()) + " rejected   " + std::to_string(c.duplicates_by_bytes) +
         " duplicates by bytes\n";
  out += std::to_string(c.classes) + " labels   median " + std::to_string(c.median_per_class) + " pictures   " +
         std::to_string(c.singletons) + " singletons   largest '" + c.largest_class + "' with " +
         std::to_string(c.largest_class_size) + "\n";
  out += "sizes from " + std::to_string(c.min_width) + "x" + std::to_string(c.min_height) + " to " +
         std::to_string(c.max_width) + "x" + std::to_string(c.max_height) + "\n";
  return out + "next: winnow init " + data + " --out recipe.yaml\n";
}

int run_check(const CheckArgs& args, const Session& session) {
  const Dataset dataset = read_dataset(args.source);
  const DataCheck check = check_dataset(dataset);
  if (!args.rejected_csv.empty()) {
    std::string text = csv_line({"row", "path", "reason"});
    for (const auto& r : check.rejected) text += csv_line({std::to_string(r.row), r.path, r.reason});
    write_file_atomically(args.rejected_csv, text);
  }
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
  const Dataset dataset = read_dataset(args.source);
  const auto side = class_disjoint_split(dataset, args.held_out, args.seed);
  std::vector<char> first(side.size()), second(side.size());
  for (size_t i = 0; i < side.size(); ++i) (side[i] == 0 ? first : second)[i] = 1;
  const Dataset a = subset(dataset, first), b = subset(dataset, second);
  write_manifest(args.out, a);
  write_manifest(args.out_held_out, b);
  if (session.json)
    print_json({{"train", {{"file", args.out}, {"rows", a.items.size()}}},
                {"held_out", {{"file", args.out_held_out}, {"rows", b.items.size()}}}});
  else
    print(args.out + ": " + std::to_string(a.items.size()) + " rows\n" + args.out_held_out + ": " +
          std::to_string(b.items.size()) + " rows of classes that the first file lacks\n");
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
