#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "src/serve/http.h"

namespace winnow::test {

/// A TCP connection to a port of this machine that sends bytes as they are.
class RawClient {
 public:
  explicit RawClient(int port) {
    fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    timeval patience{20, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~RawClient() { ::close(fd_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool send(const std::string& bytes) {
    return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }
  /// Until the server closes.
  std::string read_all() {
    std::string out;
    char buffer[4096];
    for (ssize_t got; (got = ::recv(fd_, buffer, sizeof buffer, 0)) > 0;) out.append(buffer, static_cast<size_t>(got));
    return out;
  }
  /// Until `text` has come.
  std::string read_until(const std::string& text) {
    std::string out;
    char c = 0;
    while (out.find(text) == std::string::npos && ::recv(fd_, &c, 1, 0) == 1) out += c;
    return out;
  }

 private:
  int fd_ = -1;
};

inline int status_of(const std::string& answer) {
  return answer.starts_with("HTTP/1.1 ") ? std::atoi(answer.c_str() + 9) : -1;
}

/// A server of three routes on a free port: GET /hello, POST /echo, PUT /items/{id} (with the token).
class RunningServer {
 public:
  explicit RunningServer(HttpServer::Options options = {}, std::vector<HttpRoute> more = {}) {
    options.on_answer = [this](const HttpRecord& record) {
      const std::lock_guard guard(mutex);
      records.push_back(record);
    };
    std::vector<HttpRoute> routes{
        {"GET", "/hello", "", false, [](const HttpRequest&, HttpResponse& r) { r.body = "{}"; }},
        {"POST", "/echo", "", false, [](const HttpRequest& q, HttpResponse& r) { r.body = q.body; }},
        {"PUT", "/items/{id}", "", true,
         [](const HttpRequest& q, HttpResponse& r) { r.body = q.path_values.at("id"); }}};
    routes.insert(routes.end(), more.begin(), more.end());
    server = std::make_unique<HttpServer>(std::move(options), std::move(routes));
    port = server->bind("127.0.0.1", 0);
    thread = std::thread([this] {
      server->run();
      ended = true;
    });
  }
  ~RunningServer() { stop(); }
  void stop() {
    while (!ended) {
      server->stop();
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    if (thread.joinable()) thread.join();
  }
  std::string answer(const std::string& request) {
    RawClient client(port);
    client.send(request);
    return client.read_all();
  }
  int status(const std::string& request) { return status_of(answer(request)); }

  std::unique_ptr<HttpServer> server;
  int port = 0;
  std::atomic<bool> ended{false};
  std::thread thread;
  std::mutex mutex;
  std::vector<HttpRecord> records;
};

}  // namespace winnow::test
