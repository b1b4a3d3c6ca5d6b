// The whole server under everything at once: searches by picture, vector and id, writes, removals, compactions,
// metrics.
#include <gtest/gtest.h>
#include <httplib.h>

#include <atomic>
#include <cstdlib>
#include <future>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "retrieval/index.h"
#include "src/core/random.h"
#include "src/image/codec.h"
#include "src/serve/serve.h"
#include "tests/support/temp_dir.h"

namespace winnow {
namespace {

constexpr const char* kToken = "races-token-0123456789";

double seconds() {
  const char* given = std::getenv("WINNOW_RACE_SECONDS");
  return given ? std::atof(given) : 3;
}

std::string picture(uint64_t seed) {
  Random random(seed, "race.picture");
  Image image;
  image.width = image.height = 24;
  for (int i = 0; i < 24 * 24 * 3; ++i) image.pixels.push_back(static_cast<uint8_t>(random.below(256)));
  const auto bytes = encode_png(image);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class Races : public testing::Test {
 protected:
  void SetUp() override {
    Random random(1, "race.rows");
    EmbeddingsWriter writer(dir_ / "emb", 12, 300, {});
    for (int64_t id = 0; id < 300; ++id) {
      std::vector<float> v(12);
      for (float& x : v) x = static_cast<float>(random.normal());
      writer.add({id, "", std::to_string(id % 5), {}}, v);
    }
    writer.commit();
    IndexBuildOptions build;
    build.type = "ivf";
    build_index(Embeddings::open(dir_ / "emb"), dir_ / "idx", build);
    options_.index = dir_ / "idx";
    options_.model = dir_ / "emb";  // the encoder of this test needs none
    options_.port = 0;
    options_.token = kToken;
    options_.log = "";
    server_ = std::thread([this] {
      serve(
          options_, [this](const std::string& url) { ready_.set_value(url); }, [this] { return stop_.load(); });
    });
    url_ = ready_.get_future().get();
    // The first request fills tables inside cpp-httplib; ThreadSanitizer cannot see the guard there, so it comes alone.
    ASSERT_TRUE(httplib::Client(url_).Get("/healthz"));
  }
  void TearDown() override {
    stop_ = true;
    if (server_.joinable()) server_.join();
  }

  void note(const std::string& what, const httplib::Result& answer) {
    const std::lock_guard guard(mutex_);
    ++statuses_[what + " " + (answer ? std::to_string(answer->status) : httplib::to_string(answer.error()))];
  }
  httplib::Client client() const {
    httplib::Client out(url_);
    out.set_bearer_token_auth(kToken);
    out.set_keep_alive(true);
    out.set_read_timeout(120);
    return out;
  }

  void search(uint64_t seed) {
    auto c = client();
    Random random(seed, "race.search");
    const std::string sent = picture(seed);
    while (!stop_) {
      const uint64_t kind = random.below(4);
      std::vector<float> v(12, 0.1F);
      v[random.below(12)] = 1;
      if (kind == 0)
        note("picture", c.Post("/v1/search?k=5", sent, "image/png"));
      else if (kind == 1)
        note("vector", c.Post("/v1/search", nlohmann::json({{"vector", v}, {"k", 20}, {"collapse", 0.9}}).dump(),
                              "application/json"));
      else if (kind == 2)
        note("id",
             c.Post("/v1/search", nlohmann::json({{"id", random.below(300)}, {"filter", {{"label", "3"}}}}).dump(),
                    "application/json"));
      else
        note("get", random.chance(0.5) ? c.Get("/metrics") : c.Get("/v1/info"));
    }
  }
  /// Ids of its own, so that the state at the end is known.
  void write(int64_t first, std::map<int64_t, std::string>& kept) {
    auto c = client();
    Random random(static_cast<uint64_t>(first), "race.write");
    while (!stop_) {
      const int64_t id = first + static_cast<int64_t>(random.below(20));
      const std::string where = "/v1/items/" + std::to_string(id);
      if (random.chance(0.3)) {
        const auto answer = c.Delete(where);
        note("delete", answer);
        if (answer && answer->status == 200) kept.erase(id);
        continue;
      }
      const std::string label = std::to_string(random.below(1000));
      const auto answer =
          random.chance(0.5)
              ? c.Put(where, nlohmann::json({{"label", label}, {"vector", std::vector<float>(12, 1.0F)}}).dump(),
                      "application/json")
              : c.Put(where,
                      httplib::MultipartFormDataItems{{"image", picture(random.next()), "a.png", "image/png"},
                                                      {"item", nlohmann::json({{"label", label}}).dump(), "", ""}});
      note("put", answer);
      if (answer && answer->status / 100 == 2) kept[id] = label;
    }
  }
  void compact() {
    auto c = client();
    while (!stop_) {
      note("compact", c.Post("/v1/compact", "", "application/json"));
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }

  test::TempDir dir_;
  ServeOptions options_;
  std::promise<std::string> ready_;
  std::atomic<bool> stop_{false};
  std::thread server_;
  std::string url_;
  std::mutex mutex_;
  std::map<std::string, int64_t> statuses_;
};

TEST_F(Races, SearchesWritesAndCompactionsAtOnceLoseNothing) {
  std::vector<std::map<int64_t, std::string>> kept(2);
  std::vector<std::thread> threads;
  for (uint64_t s = 0; s < 4; ++s) threads.emplace_back([this, s] { search(s); });
  for (size_t w = 0; w < kept.size(); ++w)
    threads.emplace_back([this, w, &kept] { write(1000 * static_cast<int64_t>(w + 1), kept[w]); });
  threads.emplace_back([this] { compact(); });
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds()));
  stop_ = true;  // also the server's: what is in hand is finished, later requests are refused
  for (auto& thread : threads) thread.join();
  server_.join();
  for (const char* needed : {"picture 200", "vector 200", "id 200", "get 200", "put 201", "delete 200", "compact 200"})
    EXPECT_GT(statuses_[needed], 0) << needed;
  for (const auto& [status, count] : statuses_)
    EXPECT_TRUE(count == 0 || !status.ends_with(" 500")) << status << " x " << count;
  const auto index = Index::open(dir_ / "idx");
  int64_t written = 0;
  for (const auto& all : kept) {
    for (const auto& [id, label] : all) {
      ASSERT_TRUE(index->contains(id)) << id;
      EXPECT_EQ(index->item(id).label, label) << id;
    }
    written += static_cast<int64_t>(all.size());
  }
  EXPECT_EQ(index->size(), 300 + written);
}

}  // namespace
}  // namespace winnow
