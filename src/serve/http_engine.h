#pragma once

#include <httplib.h>

#include <atomic>
#include <memory>

#include "src/serve/connection.h"
#include "src/serve/http.h"

namespace winnow {

// Internal to http_server.cpp: cpp-httplib parses and routes; sockets, deadlines, TLS and admission are ours.

/// The request a connection's thread works on.
struct CurrentRequest {
  Connection* connection = nullptr;
  std::string id;
  StepTimes steps;
  const HttpRoute* route = nullptr;
  std::map<std::string, std::string> path_values;
  bool close = false;  ///< the connection cannot go on (a body lies unread)
};
/// Of this thread; never null while cpp-httplib calls back.
CurrentRequest*& current_request();

class HttpEngine final : public httplib::Server {
 public:
  HttpEngine(const HttpServer::Options& options, const std::vector<HttpRoute>& routes);

  int bind(const std::string& host, int port);
  void drain() { stopping_ = true; }
  bool stopping() const { return stopping_; }
  int open_connections() const { return open_; }

 private:
  bool process_and_close_socket(socket_t socket) override;
  void serve_connection(Connection& connection);
  bool serve_request(Connection& connection, bool last);
  void install_handlers();
  HandlerResponse before_body(const httplib::Request& request, httplib::Response& response);
  void answer(const httplib::Request& request, httplib::Response& response);
  HandlerResponse fill_error(httplib::Response& response);
  void record(const httplib::Request& request, int status);
  int refuse_reason(const httplib::Request& request, std::string* why, httplib::Response& response);

  const HttpServer::Options& options_;
  const std::vector<HttpRoute>& routes_;
  std::unique_ptr<TlsContext> tls_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> open_{0};
};

}  // namespace winnow
