#include <memory>

#include "retrieval/index.h"
#include "src/tensor/device.h"
#include "src/workflow/demo.h"
#include "tools/winnow/cli.h"

namespace winnow::cli {
namespace {

int run(const DemoOptions& options, const Session& session) {
  init_torch_threads();
  init_search_threads();
  const DemoResult r = run_demo(options);
  if (session.json) {
    nlohmann::ordered_json j = {
        {"report", r.report.string()}, {"seconds", r.seconds}, {"query", r.query}, {"first_hit", r.first_hit}};
    j["plain"] = r.plain;
    j["seccnn"] = r.seccnn;
    print_json(j);
    return 0;
  }
  print(r.summary + "report " + r.report.string() + "\n");
  return 0;
}

}  // namespace

void add_demo(CLI::App& app, Session& session) {
  auto options = std::make_shared<DemoOptions>();
  auto* verb =
      add_verb(app, session, "demo",
               "generated catalogue with wrong labels, end to end: train twice, index, query, evaluate, report",
               "  winnow demo --out demo-run", [options, &session] { return run(*options, session); });
  verb->add_option("--out", options->out, "folder to write");
  verb->add_option("--epochs", options->epochs, "epochs of either training")->check(CLI::Range(1, 1000));
  verb->add_option("--noise", options->noise, "share of wrong labels")->check(CLI::Range(0.0, 0.9));
  verb->add_option("--seed", options->seed, "seed of pictures, noise and training");
  verb->add_flag("--fresh", options->fresh, "train again even when the folder holds finished runs");
}

}  // namespace winnow::cli
