#include <memory>

#include "src/core/interrupt.h"
#include "src/core/log.h"
#include "src/serve/load_client.h"
#include "src/workflow/query_engine.h"
#include "tools/winnow/cli.h"

namespace winnow::cli {
namespace {

struct Args {
  LoadOptions load;
  std::vector<std::string> images;
  std::vector<int> sweep;
  double soak_minutes = 0, slice = 30;
};

int run(Args& args, const Session& session) {
  install_interrupt_handler();
  for (const auto& image : args.images)
    for (const auto& file : picture_files(image)) args.load.pictures.push_back(file);
  std::vector<LoadResult> results;
  std::vector<SoakSample> soak;
  if (args.soak_minutes > 0) {
    soak = run_soak(args.load, args.soak_minutes, args.slice, [](const SoakSample& s) {
      log_info("soak: {} min, {} MiB, {} a second, p99 {} ms, {} failures", s.minutes, s.resident_bytes / (1 << 20),
               s.per_second, s.p99_ms, s.failures);
    });
  } else {
    if (args.sweep.empty()) args.sweep = {args.load.connections};
    for (const int connections : args.sweep) {
      args.load.connections = connections;
      results.push_back(run_load(args.load));
    }
  }
  if (session.json)
    print_json(nlohmann::ordered_json::parse(load_json(results, soak)));
  else
    print(soak.empty() ? load_table(results) : soak_table(soak));
  return 0;
}

}  // namespace

void add_bench(CLI::App& app, Session& session) {
  auto args = std::make_shared<Args>();
  auto* verb = add_verb(app, session, "bench", "latency of a running server, by step; concurrency sweep; soak",
                        "  winnow bench --url http://127.0.0.1:8080 --image photos --connections 64\n  winnow bench "
                        "--image photos --sweep 1 4 16 64\n  winnow bench --item 1 2 3 --soak 30",
                        [args, &session] { return run(*args, session); });
  verb->add_option("--url", args->load.url, "where `winnow serve` answers");
  verb->add_option("--image", args->images, "pictures or folders of pictures to search by (repeatable)");
  verb->add_option("--item", args->load.ids, "ids to search by, when there is no picture");
  verb->add_option("--connections", args->load.connections, "connections at a time")->check(CLI::Range(1, 4096));
  verb->add_option("--sweep", args->sweep, "numbers of connections, one run each")->check(CLI::Range(1, 4096));
  verb->add_option("--seconds", args->load.seconds, "of a run")->check(CLI::Range(0.1, 86400.0));
  verb->add_option("--warm-up", args->load.warm_up_seconds, "seconds before counting")->check(CLI::Range(0.0, 600.0));
  verb->add_option("--rate", args->load.rate,
                   "requests a second over all connections; 0 = as fast as they are answered")
      ->check(CLI::Range(0.0, 1e6));
  verb->add_option("-k", args->load.k, "hits asked for")->check(CLI::Range(1, 1000));
  verb->add_option("--soak", args->soak_minutes, "minutes of load with samples of the server's memory");
  verb->add_option("--slice", args->slice, "seconds between two samples of a soak")->check(CLI::Range(1.0, 3600.0));
}

}  // namespace winnow::cli
