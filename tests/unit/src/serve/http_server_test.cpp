#include <nlohmann/json.hpp>

#include "tests/unit/src/serve/server_fixture.h"

namespace winnow {
namespace {

using test::RawClient;
using test::RunningServer;
using test::status_of;

const std::string kEnd = "Host: x\r\nConnection: close\r\n\r\n";

HttpServer::Options quick() {
  HttpServer::Options options;
  options.limits.body_bytes = 1000;
  options.limits.header_bytes = 4096;
  options.limits.request_seconds = 1;
  options.limits.keep_alive_seconds = 1;
  options.token = "0123456789abcdef";
  return options;
}

std::string post(const std::string& body, const std::string& more = "") {
  return "POST /echo HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + more + kEnd + body;
}

TEST(HttpServer, AnswersAndKeepsTheConnection) {
  RunningServer running;
  RawClient client(running.port);
  for (int i = 0; i < 3; ++i) {
    client.send("GET /hello HTTP/1.1\r\nHost: x\r\nX-Request-Id: id-" + std::to_string(i) + "\r\n\r\n");
    const std::string answer = client.read_until("{}");
    EXPECT_EQ(status_of(answer), 200);
    EXPECT_NE(answer.find("X-Request-Id: id-" + std::to_string(i)), std::string::npos) << answer;
    EXPECT_NE(answer.find("Content-Security-Policy: default-src 'none'"), std::string::npos);
  }
}

TEST(HttpServer, TwoRequestsInOnePacketAreTwoAnswers) {
  RunningServer running;
  const std::string both = running.answer("GET /hello HTTP/1.1\r\nHost: x\r\n\r\nGET /nothing HTTP/1.1\r\n" + kEnd);
  EXPECT_NE(both.find("200 OK"), std::string::npos);
  EXPECT_NE(both.find("404 Not Found"), std::string::npos);
}

TEST(HttpServer, MalformedRequests) {
  RunningServer running(quick());
  EXPECT_EQ(running.status("rubbish\r\n\r\n"), 400);
  EXPECT_EQ(running.status("GET /hello HTTP/9.9\r\n" + kEnd), 400);
  EXPECT_EQ(running.status("BREW /hello HTTP/1.1\r\n" + kEnd), 400);
  EXPECT_EQ(running.status(std::string("\0\1\2\3\r\n\r\n", 8)), 400);
  EXPECT_EQ(running.status("POST /echo HTTP/1.1\r\nContent-Length: x\r\n" + kEnd), 400);
  EXPECT_EQ(running.status("POST /echo HTTP/1.1\r\nContent-Length: -1\r\n" + kEnd), 400);
  EXPECT_EQ(running.status("POST /echo HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n" + kEnd + "ab"), 400);
  EXPECT_EQ(running.status("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n" + kEnd), 400);
  EXPECT_EQ(running.status("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + kEnd + "zz\r\nab\r\n"), 400);
  EXPECT_EQ(running.status("POST /echo HTTP/1.1\r\n" + kEnd), 411);
  EXPECT_EQ(running.status("GET /hello HTTP/1.1\r\nContent-Length: 5\r\n" + kEnd + "12345"), 400);
  EXPECT_EQ(running.status(post("ab", "Content-Encoding: gzip\r\n")), 415);
}

TEST(HttpServer, WhereThereIsNothing) {
  RunningServer running(quick());
  for (const char* path : {"/", "/hello/", "//hello", "/../etc/passwd", "/items/../../etc/passwd", "/%2e%2e/etc/passwd",
                           "/items/%2e%2e%2f%2e%2e%2fetc", "/hello%00", "/items/"})
    EXPECT_EQ(running.status("GET " + std::string(path) + " HTTP/1.1\r\n" + kEnd), 404) << path;
  const std::string answer = running.answer("DELETE /hello HTTP/1.1\r\n" + kEnd);
  EXPECT_EQ(status_of(answer), 405);
  EXPECT_NE(answer.find("Allow: GET"), std::string::npos);
}

TEST(HttpServer, BodiesThatAreTooLarge) {
  RunningServer running(quick());
  EXPECT_EQ(running.status(post(std::string(1000, 'x'))), 200);
  EXPECT_EQ(running.status(post(std::string(1001, 'x'))), 413);
  EXPECT_EQ(running.status("POST /echo HTTP/1.1\r\nContent-Length: 99999999999\r\n" + kEnd), 413);
  // Without a length in advance the bytes are counted as they come (multipart heads have 64 KiB on top).
  RawClient client(running.port);
  client.send("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + kEnd);
  const std::string chunk = "1000\r\n" + std::string(4096, 'x') + "\r\n";
  for (int i = 0; i < 20; ++i) client.send(chunk);
  EXPECT_EQ(status_of(client.read_all()), 413);
}

TEST(HttpServer, HeadersThatAreTooLarge) {
  RunningServer running(quick());
  std::string many = "GET /hello HTTP/1.1\r\n";
  for (int i = 0; i < 100; ++i) many += "X-" + std::to_string(i) + ": " + std::string(90, 'y') + "\r\n";
  EXPECT_EQ(running.status(many + kEnd), 431);
  EXPECT_EQ(running.status("GET /" + std::string(100'000, 'a') + " HTTP/1.1\r\n" + kEnd), 431);
}

TEST(HttpServer, SlowClientsAreTimedOut) {
  RunningServer running(quick());
  RawClient silent(running.port), half(running.port), body(running.port), dripping(running.port);
  half.send("GET /hel");
  body.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc");
  const auto start = std::chrono::steady_clock::now();
  // A byte every 100 ms keeps every single read alive; the request as a whole is late all the same.
  std::thread drip([&] {
    for (const char c : std::string("GET /hello HTTP/1.1\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaa")) {
      if (!dripping.send(std::string(1, c))) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  });
  EXPECT_EQ(status_of(half.read_all()), 408);
  EXPECT_EQ(status_of(body.read_all()), 408);
  EXPECT_EQ(silent.read_all(), "");
  drip.join();
  EXPECT_EQ(status_of(dripping.read_all()), 408);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(15));
}

TEST(HttpServer, TokensForWrites) {
  RunningServer running(quick());
  const auto put = [](const std::string& header) {
    return "PUT /items/7 HTTP/1.1\r\nContent-Length: 0\r\n" + header + kEnd;
  };
  EXPECT_EQ(running.status(put("")), 401);
  EXPECT_EQ(running.status(put("Authorization: Bearer 0123456789abcdeF\r\n")), 401);
  EXPECT_EQ(running.status(put("Authorization: Basic 0123456789abcdef\r\n")), 401);
  EXPECT_NE(running.answer(put("")).find("WWW-Authenticate: Bearer"), std::string::npos);
  EXPECT_EQ(running.status(put("Authorization: Bearer 0123456789abcdef\r\n")), 200);
  RunningServer read_only;
  EXPECT_EQ(read_only.status(put("Authorization: Bearer \r\n")), 403);
}

TEST(HttpServer, FailuresAreDocuments) {
  RunningServer running(
      {}, {{"GET", "/broken", "", false, [](const HttpRequest&, HttpResponse&) { throw std::logic_error("oops"); }},
           {"GET", "/busy", "", false, [](const HttpRequest&, HttpResponse&) { throw HttpError(503, "full", 7); }}});
  const std::string broken = running.answer("GET /broken HTTP/1.1\r\n" + kEnd);
  EXPECT_EQ(status_of(broken), 500);
  EXPECT_EQ(nlohmann::json::parse(broken.substr(broken.find("\r\n\r\n")))["error"]["code"], "internal");
  const std::string busy = running.answer("GET /busy HTTP/1.1\r\n" + kEnd);
  EXPECT_EQ(status_of(busy), 503);
  EXPECT_NE(busy.find("Retry-After: 7"), std::string::npos);
}

TEST(HttpServer, ConnectionsBeyondTheLimitAreToldToComeBack) {
  HttpServer::Options options = quick();
  options.limits.connections = 2;
  options.limits.keep_alive_seconds = 10;
  RunningServer running(options);
  RawClient first(running.port), second(running.port);
  first.send("GET /hello HTTP/1.1\r\nHost: x\r\n");
  second.send("GET /hello HTTP/1.1\r\nHost: x\r\n");
  while (running.server->open_connections() < 2) std::this_thread::yield();
  RawClient third(running.port);
  const std::string answer = third.read_all();
  EXPECT_EQ(status_of(answer), 503);
  EXPECT_NE(answer.find("Retry-After: 1"), std::string::npos);
  first.send("\r\n");
  EXPECT_EQ(status_of(first.read_until("{}")), 200);
}

TEST(HttpServer, StoppingFinishesWhatIsInHand) {
  std::atomic<bool> entered{false}, let_go{false};
  RunningServer running({}, {{"GET", "/slow", "", false, [&](const HttpRequest&, HttpResponse& r) {
                                entered = true;
                                while (!let_go) std::this_thread::yield();
                                r.body = "done";
                              }}});
  RawClient idle(running.port), busy(running.port);
  busy.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  while (!entered) std::this_thread::yield();
  running.server->stop();
  EXPECT_EQ(idle.read_all(), "");
  EXPECT_FALSE(running.ended);
  let_go = true;
  EXPECT_NE(busy.read_all().find("done"), std::string::npos);
  running.stop();
}

TEST(HttpServer, EveryAnswerIsRecordedOnce) {
  RunningServer running(quick());
  running.answer(post("hello", "X-Request-Id: mine\r\n"));
  running.answer("rubbish\r\n\r\n");
  running.stop();
  ASSERT_EQ(running.records.size(), 2U);
  EXPECT_EQ(running.records[0].id, "mine");
  EXPECT_EQ(running.records[0].route, "/echo");
  EXPECT_EQ(running.records[0].status, 200);
  EXPECT_EQ(running.records[0].remote, "127.0.0.1");
  EXPECT_GT(running.records[0].request_bytes, 50U);
  EXPECT_GT(running.records[0].response_bytes, 50U);
  EXPECT_EQ(running.records[1].status, 400);
  EXPECT_EQ(running.records[1].route, "");
}

TEST(HttpServer, APortInUseIsAnError) {
  RunningServer running;
  HttpServer other({}, {});
  EXPECT_THROW(other.bind("127.0.0.1", running.port), Error);
}

}  // namespace
}  // namespace winnow
