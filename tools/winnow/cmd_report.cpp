#include <memory>

#include "src/workflow/run_report.h"
#include "tools/winnow/cli.h"

namespace winnow::cli {

void add_report(CLI::App& app, Session& session) {
  auto run_folder = std::make_shared<std::string>();
  auto* verb = add_verb(app, session, "report", "rebuild the report of a run from its saved results",
                        "  winnow report runs/a", [run_folder, &session] {
                          const fs::path file = write_run_report(*run_folder);
                          if (session.json)
                            print_json({{"report", file.string()}});
                          else
                            print(file.string() + "\n");
                          return 0;
                        });
  verb->add_option("run", *run_folder, "run folder")->required();
}

}  // namespace winnow::cli
