#include "tests/integration/serve/serve_process.h"

#include <gtest/gtest.h>
#include <httplib.h>
#include <signal.h>

#include <functional>
#include <set>
#include <thread>

#include "retrieval/live_index.h"
#include "src/labels/decisions.h"
#include "tests/integration/program.h"
#include "tests/support/temp_dir.h"

namespace winnow {
namespace {

using nlohmann::json;
using test::kToken;
using test::ServeProcess;
using test::shop_folder;

std::string photo(int class_id, int shot) { return test::jpeg_bytes(test::class_picture(class_id, shot)); }

const httplib::Headers kWriter{{"Authorization", std::string("Bearer ") + kToken}};

/// A PNG header of 60,000 x 60,000 pixels: 10 GB when decoded.
std::string image_bomb() {
  const Image small(4, 4);
  const auto png = encode_png(small);
  std::string bytes(reinterpret_cast<const char*>(png.data()), png.size());
  for (const size_t at : {16U, 20U}) bytes.replace(at, 4, std::string("\x00\x00\xea\x60", 4));
  return bytes;
}

TEST(ServeProcess, SearchesByPictureBoxIdAndVector) {
  ServeProcess server(shop_folder() / "idx");
  httplib::Client client(server.url());
  const auto by_picture = client.Post("/v1/search?k=5", photo(2, 3), "image/jpeg");
  ASSERT_TRUE(by_picture);
  ASSERT_EQ(by_picture->status, 200) << by_picture->body;
  const json answer = json::parse(by_picture->body);
  ASSERT_EQ(answer["hits"].size(), 5U);
  EXPECT_GT(answer["hits"][0]["score"], 0.999);  // the picture itself is in the index
  EXPECT_EQ(answer["hits"][0]["label"], "class 2");
  for (const char* step : {"read", "decode", "resize", "wait", "net", "search"})
    EXPECT_TRUE(answer["steps_ms"].contains(step)) << step;
  const auto boxed = client.Post("/v1/search?k=1&box=0.2,0.2,0.9,0.9", photo(2, 3), "image/jpeg");
  ASSERT_EQ(boxed->status, 200) << boxed->body;
  EXPECT_LT(json::parse(boxed->body)["hits"][0]["score"], 1.0001);
  const int64_t id = answer["hits"][0]["id"];
  const auto by_id = client.Post("/v1/search", json{{"id", id}, {"k", 48}}.dump(), "application/json");
  EXPECT_EQ(json::parse(by_id->body)["hits"].size(), 47U);
  const auto filtered =
      client.Post("/v1/search", json{{"id", id}, {"filter", {{"label", "class 4"}}}}.dump(), "application/json");
  EXPECT_EQ(json::parse(filtered->body)["hits"].size(), 8U);
  const auto by_vector =
      client.Post("/v1/search", json{{"vector", std::vector<float>(16, 1)}}.dump(), "application/json");
  EXPECT_EQ(by_vector->status, 200) << by_vector->body;
  httplib::MultipartFormDataItems parts{{"image", photo(1, 1), "a.jpg", "image/jpeg"},
                                        {"query", R"({"k": 3, "collapse": 0.5})", "", ""}};
  const auto collapsed = client.Post("/v1/search", parts);
  ASSERT_EQ(collapsed->status, 200) << collapsed->body;
  EXPECT_FALSE(json::parse(collapsed->body)["hits"][0]["duplicates"].empty());
}

TEST(ServeProcess, BadInputGetsItsStatus) {
  ServeProcess server(shop_folder() / "idx", {"--max-body", "300K", "--max-pixels", "100000"});
  httplib::Client client(server.url());
  const auto status = [&](const std::string& body, const char* type = "image/png") {
    const auto answer = client.Post("/v1/search", body, type);
    return answer ? answer->status : -1;
  };
  EXPECT_EQ(status(image_bomb()), 422);
  EXPECT_EQ(status("no picture"), 422);
  EXPECT_EQ(status(photo(1, 1).substr(0, 300)), 422);
  EXPECT_EQ(status(test::jpeg_bytes(Image(400, 300))), 422);  // 120,000 pixels
  EXPECT_EQ(status(std::string(400'000, 'x')), 413);
  EXPECT_EQ(status(R"({"id": 99999})", "application/json"), 404);
  EXPECT_EQ(status(R"({"vector": [1, 2]})", "application/json"), 400);
  EXPECT_EQ(status(R"({"id": 1, "filter": {"nothing": 1}})", "application/json"), 400);
  EXPECT_EQ(status(R"({"id": 1, "where": "1=1"})", "application/json"), 403);
  EXPECT_EQ(status("a=b", "application/x-www-form-urlencoded"), 415);
  EXPECT_EQ(status(std::string(100'000, '['), "application/json"), 400);
  for (const char* path : {"/v1/items/../../etc/passwd", "/v1/items/%2e%2e%2fcard.json/picture",
                           "/v1/items/7/picture/../../x", "/etc/passwd", "/page/../serve.cpp"})
    EXPECT_NE(client.Get(path)->status / 100, 2) << path;
  EXPECT_EQ(client.Get("/v1/items/x/picture")->status, 400);
  EXPECT_EQ(client.Get("/v1/items/7/picture?side=99999")->status, 400);
  EXPECT_EQ(client.Get("/v1/items/7/picture?path=/etc/passwd")->status, 200);  // what is not asked for is not heard
  EXPECT_EQ(client.Put("/v1/items/7", "{}", "application/json")->status, 403);
  EXPECT_EQ(client.Get("/readyz")->status, 200);
}

TEST(ServeProcess, WritesAreFoundAtOnceAndSurviveKill) {
  const test::TempDir folder;
  const fs::path index = test::copy_of_index(folder / "idx");
  {
    ServeProcess server(index, {}, true);
    httplib::Client client(server.url());
    client.set_default_headers(kWriter);
    EXPECT_EQ(httplib::Client(server.url()).Put("/v1/items/1000", "{}", "application/json")->status, 401);
    httplib::MultipartFormDataItems parts{{"image", photo(3, 99), "a.jpg", "image/jpeg"},
                                          {"item", R"({"label": "new"})", "", ""}};
    EXPECT_EQ(client.Put("/v1/items/1000", httplib::Headers{}, parts)->status, 201);
    const auto found = client.Post("/v1/search?k=1", photo(3, 99), "image/jpeg");
    EXPECT_EQ(json::parse(found->body)["hits"][0]["id"], 1000);
    EXPECT_EQ(json::parse(found->body)["hits"][0]["label"], "new");
    EXPECT_EQ(client.Get("/v1/items/1000/picture")->status, 200);
    EXPECT_EQ(client.Put("/v1/items/1000", R"({"label": "newer"})", "application/json")->status, 200);
    EXPECT_EQ(client.Put("/v1/items/1000", R"({"path": "/etc/passwd"})", "application/json")->status, 400);
    EXPECT_EQ(client.Put("/v1/items/1001", R"({"label": "no vector"})", "application/json")->status, 400);
    EXPECT_EQ(client.Delete("/v1/items/5")->status, 200);
    EXPECT_EQ(client.Delete("/v1/items/5")->status, 404);
    EXPECT_EQ(client.Get("/v1/items/5")->status, 404);
    server.signal(SIGKILL);
    server.wait();
  }
  ServeProcess again(index, {}, true);
  httplib::Client client(again.url());
  client.set_default_headers(kWriter);
  EXPECT_EQ(json::parse(client.Get("/v1/items/1000")->body)["label"], "newer");
  EXPECT_EQ(client.Get("/v1/items/5")->status, 404);
  const auto compacted = client.Post("/v1/compact", "{}", "application/json");
  ASSERT_EQ(compacted->status, 200) << compacted->body;
  EXPECT_EQ(json::parse(compacted->body)["generation"], 2);
  EXPECT_EQ(json::parse(client.Get("/v1/items/1000")->body)["label"], "newer");
}

TEST(ServeProcess, ShuttingDownUnderLoadLosesNoAcceptedWrite) {
  const test::TempDir folder;
  const fs::path index = test::copy_of_index(folder / "idx");
  std::mutex mutex;
  std::set<int64_t> accepted;
  {
    ServeProcess server(index, {}, true);
    std::vector<std::thread> writers;
    std::atomic<bool> refused{false};
    for (int w = 0; w < 6; ++w)
      writers.emplace_back([&, w] {
        httplib::Client client(server.url());
        client.set_default_headers(kWriter);
        for (int64_t id = 10'000 * (w + 1); !refused; ++id) {
          std::vector<float> vector(16, 0.1F);
          vector[static_cast<size_t>(id % 16)] = 1;
          const auto answer =
              client.Put("/v1/items/" + std::to_string(id), json{{"vector", vector}}.dump(), "application/json");
          if (!answer) {
            refused = true;
          } else if (answer->status == 201) {
            const std::lock_guard guard(mutex);
            accepted.insert(id);
          }
        }
      });
    while (true) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      const std::lock_guard guard(mutex);
      if (accepted.size() >= 60) break;
    }
    server.signal(SIGTERM);
    EXPECT_EQ(server.wait(), 0);
    for (auto& writer : writers) writer.join();
    EXPECT_NE(server.log().find("every accepted write is on the disk"), std::string::npos);
  }
  const auto opened = LiveIndex::open(index, LiveIndex::Mode::kRead);
  for (const int64_t id : accepted) EXPECT_TRUE(opened->view()->contains(id)) << id;
}

TEST(ServeProcess, AReaderFollowsTheWriter) {
  const test::TempDir folder;
  const fs::path index = test::copy_of_index(folder / "idx");
  ServeProcess reader(index);
  httplib::Client client(reader.url());
  const auto has = [&](int64_t id) { return client.Get("/v1/items/" + std::to_string(id))->status == 200; };
  {
    const auto writer = LiveIndex::open(index);
    std::vector<ItemWrite> writes(1);
    writes[0].item.id = 777;
    writes[0].vector.assign(16, 0.5F);
    writer->upsert(writes);
    for (int i = 0; i < 100 && !has(777); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(100));
    EXPECT_TRUE(has(777));
    writer->compact();
  }
  const auto generation = [&] { return json::parse(client.Get("/readyz")->body)["generation"].get<int64_t>(); };
  for (int i = 0; i < 100 && generation() != 2; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(generation(), 2);
  EXPECT_TRUE(has(777));
}

TEST(ServeProcess, FeedbackGoesToADecisionsFile) {
  const test::TempDir folder;
  const fs::path index = test::copy_of_index(folder / "idx");
  ServeProcess server(index, {"--feedback", (folder / "decisions.csv").string()}, true);
  httplib::Client client(server.url());
  client.set_default_headers(kWriter);
  const auto say = [&](const std::string& body) {
    return client.Post("/v1/feedback", body, "application/json")->status;
  };
  EXPECT_EQ(say(R"({"item": 7, "verdict": "right"})"), 200);
  EXPECT_EQ(say(R"({"item": 8, "verdict": "wrong_label", "label": "class 5"})"), 200);
  EXPECT_EQ(say(R"({"item": 9, "verdict": "nonsense"})"), 400);
  EXPECT_EQ(say(R"({"item": 99999, "verdict": "right"})"), 404);
  client.set_default_headers({});
  EXPECT_EQ(say(R"({"item": 7, "verdict": "right"})"), 401);
  const auto decisions = read_decisions(folder / "decisions.csv");
  ASSERT_EQ(decisions.size(), 2U);
  EXPECT_EQ(decisions[1].label, "class 5");
}

TEST(ServeProcess, TheLogAndTheMetricsTellOfEveryRequest) {
  ServeProcess server(shop_folder() / "idx");
  httplib::Client client(server.url());
  client.set_default_headers({{"X-Request-Id", "my-id"}});
  EXPECT_EQ(client.Post("/v1/search?k=2", photo(0, 0), "image/jpeg")->get_header_value("X-Request-Id"), "my-id");
  EXPECT_EQ(client.Get("/nothing")->status, 404);
  // A request is recorded when its answer has been sent, so a moment after the client has it.
  const auto soon = [](const std::function<std::string()>& text, const std::string& part) {
    for (int i = 0; i < 100 && text().find(part) == std::string::npos; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_NE(text().find(part), std::string::npos) << part << " not in\n" << text();
  };
  for (const char* part :
       {"winnow_requests_total{route=\"/v1/search\",method=\"POST\",status=\"200\"} 1",
        "winnow_requests_total{route=\"none\",method=\"\",status=\"404\"} 1", "winnow_step_seconds_bucket{step=\"net\"",
        "winnow_index_items 48", "winnow_batch_pictures_total 1"})
    soon([&] { return client.Get("/metrics")->body; }, part);
  soon([&] { return server.log(); }, "\"request_id\":\"my-id\"");
}

TEST(ServeProcess, AModelOfAnotherIndexIsRefused) {
  const test::TempDir folder;
  const auto outcome = test::winnow("serve " + test::quote((shop_folder() / "idx").string()) + " --model " +
                                        test::quote((shop_folder() / "photos").string()) + " --port 0",
                                    folder.path());
  EXPECT_NE(outcome.exit, 0);
  EXPECT_NE(outcome.err.find("winnow serve:"), std::string::npos);
  EXPECT_EQ(test::winnow("serve " + test::quote((folder / "gone").string()), folder.path()).exit, 4);
}

}  // namespace
}  // namespace winnow
