#include <memory>

#include "src/core/error.h"
#include "src/core/tables.h"
#include "src/tensor/device.h"
#include "src/workflow/sweep.h"
#include "tools/winnow/cli.h"
#include "tools/winnow/sweep_tables.h"

namespace winnow::cli {
namespace {

struct Args {
  std::string file, out, only;
  bool dry_run = false;
};

int show_plan(const Sweep& sweep, const Args& args, const Session& session) {
  Table table({"data", "method", "seed", "budget", "told"});
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  const auto cells = chosen_cells(sweep, args.only);
  const auto budgets = cell_budgets(sweep, cells);
  for (size_t i = 0; i < cells.size(); ++i) {
    const auto& cell = cells[i];
    const auto& budget = budgets[i];
    table.add({cell.data, cell.method, std::to_string(cell.seed), budget, cell.told});
    json.push_back({{"data", cell.data},
                    {"method", cell.method},
                    {"seed", cell.seed},
                    {"budget", budget},
                    {"told", cell.told},
                    {"settings", cell.settings},
                    {"folder", cell.folder.string()}});
  }
  if (session.json)
    print_json(json);
  else
    print(table.text());
  return 0;
}

int run(const Args& args, const Session& session) {
  const Sweep sweep = read_sweep(args.file, args.out);
  if (args.dry_run) return show_plan(sweep, args, session);
  if (args.out.empty()) throw Error(ErrorCode::kUsage, "--out FOLDER is required: the folder of the runs and tables");
  init_torch_threads();
  const auto rows = run_sweep(sweep, args.out, {args.only, session.command});
  print_sweep({sweep.name, sweep.baseline, sweep.metrics, rows}, args.out, session);
  return 0;
}

}  // namespace

void add_sweep(CLI::App& app, Session& session) {
  auto args = std::make_shared<Args>();
  auto* verb = add_verb(app, session, "sweep", "many methods, data sets and seeds under equal budgets",
                        "  winnow sweep configs/sweeps/grocery-noise40.yaml --out sweeps/g40 --dry-run\n  winnow sweep "
                        "configs/sweeps/grocery-noise40.yaml --out sweeps/g40",
                        [args, &session] { return run(*args, session); });
  verb->add_option("sweep", args->file, "sweep description (YAML)")->required();
  verb->add_option("--out", args->out,
                   "folder of the runs, tables and report; a second call goes on where one stopped");
  verb->add_option("--only", args->only, "run only cells whose DATA/METHOD/seed-N holds this text");
  verb->add_flag("--dry-run", args->dry_run, "list the runs with their budgets, train nothing");
}

}  // namespace winnow::cli
