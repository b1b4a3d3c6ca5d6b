#include <gtest/gtest.h>
#include <httplib.h>

#include <fstream>

#include "src/serve/load_client.h"
#include "tests/integration/program.h"
#include "tests/integration/serve/serve_process.h"
#include "tests/support/temp_dir.h"

namespace winnow {
namespace {

using test::ServeProcess;
using test::shop_folder;

TEST(ServeLoad, SixtyFourConnectionsAreAnsweredWithoutAFailure) {
  ServeProcess server(shop_folder() / "idx");
  LoadOptions options;
  options.url = server.url();
  options.pictures = {shop_folder() / "photos" / "class 1" / "shot 1.jpg",
                      shop_folder() / "photos" / "class 2" / "shot 2.jpg"};
  options.connections = 64;
  options.seconds = 3;
  const LoadResult result = run_load(options);
  EXPECT_TRUE(result.failures.empty()) << load_table({result});
  EXPECT_GT(result.answered, 64);
  EXPECT_EQ(result.total.count, result.answered);
  std::map<std::string, Percentiles> steps(result.steps.begin(), result.steps.end());
  for (const char* step : {"decode", "wait", "net", "search"}) EXPECT_EQ(steps[step].count, result.answered) << step;
  const double batches = read_metric(server.url(), "winnow_batches_total");
  EXPECT_GT(read_metric(server.url(), "winnow_batch_pictures_total"), 1.5 * batches) << "requests share batches";
}

TEST(ServeLoad, AShortQueueTellsClientsToComeBack) {
  ServeProcess server(shop_folder() / "idx", {"--queue", "2"});
  LoadOptions options;
  options.url = server.url();
  options.pictures = {shop_folder() / "photos" / "class 1" / "shot 1.jpg"};
  options.connections = 32;
  options.seconds = 2;
  const LoadResult result = run_load(options);
  EXPECT_TRUE(result.failures.empty()) << load_table({result});
  EXPECT_GT(result.refused, 0);
  EXPECT_GT(result.answered, 0);
}

TEST(ServeLoad, TheBenchVerbPrintsStepsAndTheSoakMemory) {
  ServeProcess server(shop_folder() / "idx");
  const test::TempDir folder;
  const auto swept =
      test::winnow("bench --url " + server.url() + " --image " + test::quote((shop_folder() / "photos").string()) +
                       " --sweep 1 4 --seconds 0.5 --warm-up 0.1 --json",
                   folder.path());
  ASSERT_EQ(swept.exit, 0) << swept.err;
  EXPECT_EQ(swept.json()["load"].size(), 2U);
  EXPECT_GT(swept.json()["load"][1]["steps_ms"]["net"]["p99"], 0);
  const auto soak = test::winnow(
      "bench --url " + server.url() + " --item 1 2 --connections 2 --soak 0.05 --slice 1 --json", folder.path());
  ASSERT_EQ(soak.exit, 0) << soak.err;
  EXPECT_GT(soak.json()["soak"][0]["resident_bytes"], 1e6);
  EXPECT_EQ(test::winnow("bench --url http://127.0.0.1:1 --item 1", folder.path()).exit, 5);
}

}  // namespace
}  // namespace winnow
