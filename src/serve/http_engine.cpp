#include "src/serve/http_engine.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "src/serve/connection_pool.h"

namespace winnow {
namespace {

template <typename Ask>
void address_of(int socket, Ask ask, std::string& ip, int& port) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  char host[NI_MAXHOST], service[NI_MAXSERV];
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if (ask(socket, raw, &size) != 0 ||
      getnameinfo(raw, size, host, sizeof host, service, sizeof service, NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return;
  ip = host;
  port = std::atoi(service);
}

/// What cpp-httplib reads from and writes to.
class ParserStream final : public httplib::Stream {
 public:
  explicit ParserStream(Connection& connection) : connection_(connection) {}
  bool is_readable() const override { return connection_.fault() == Connection::Fault::kNone; }
  bool is_writable() const override { return true; }
  ssize_t read(char* to, size_t bytes) override { return connection_.read(to, bytes); }
  ssize_t write(const char* from, size_t bytes) override {
    return connection_.write(from, bytes) ? static_cast<ssize_t>(bytes) : -1;
  }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    address_of(connection_.socket(), ::getpeername, ip, port);
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    address_of(connection_.socket(), ::getsockname, ip, port);
  }
  socket_t socket() const override { return connection_.socket(); }

 private:
  Connection& connection_;
};

std::string raw_answer(int status, const char* reason, const std::string& body, const std::string& more) {
  return "HTTP/1.1 " + std::to_string(status) + " " + reason +
         "\r\nConnection: close\r\nContent-Type: application/json\r\n" + more +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

CurrentRequest*& current_request() {
  static thread_local CurrentRequest* current = nullptr;
  return current;
}

HttpEngine::HttpEngine(const HttpServer::Options& options, const std::vector<HttpRoute>& routes)
    : options_(options), routes_(routes) {
  if (options_.tls.certificate.empty() != options_.tls.key.empty())
    throw Error(ErrorCode::kConfig, "[tls] certificate and key are required together");
  if (!options_.tls.certificate.empty()) tls_ = std::make_unique<TlsContext>(options_.tls);
  new_task_queue = [this] { return new ConnectionPool(options_.limits.connections); };
  set_tcp_nodelay(true);
  // These two are only what the Keep-Alive header of an answer says; the connection itself is ours.
  set_keep_alive_max_count(100'000);
  set_keep_alive_timeout(static_cast<time_t>(options_.limits.keep_alive_seconds));
  set_idle_interval(0, 100'000);
  set_socket_options([](socket_t socket) {
    const int yes = 1;  // not SO_REUSEPORT, with which a second server would silently share the port
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  install_handlers();
}

int HttpEngine::bind(const std::string& host, int port) {
  const int got = port == 0 ? bind_to_any_port(host) : (bind_to_port(host, port) ? port : -1);
  if (got <= 0)
    throw Error(ErrorCode::kDevice, "[serve] a free address is required, cannot listen on " + host + ":" +
                                        std::to_string(port) + " (" + std::strerror(errno) + ")");
  ::listen(svr_sock_, 1024);  // the library's backlog of 5 makes a burst of clients wait for SYN retries
  return got;
}

bool HttpEngine::process_and_close_socket(socket_t socket) {
  if (connection_refused()) {
    HttpResponse full;
    answer_error(full, 503, "[serve] all connections are in use", request_id(""));
    const std::string text = raw_answer(503, "Service Unavailable", full.body, "Retry-After: 1\r\n");
    ::send(socket, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ::shutdown(socket, SHUT_WR);
    ::close(socket);
    return false;
  }
  ++open_;
  {
    const auto until = Connection::Clock::now() + std::chrono::seconds(5);
    auto transport = tls_ ? tls_->accept(socket, until) : plain_transport(socket);
    if (transport) {
      Connection connection(socket, std::move(transport), options_.limits);
      serve_connection(connection);
      connection.finish();
    }
  }
  ::close(socket);
  --open_;
  return true;
}

void HttpEngine::serve_connection(Connection& connection) {
  while (connection.wait_for_request([this] { return stopping_.load(); })) {
    const bool crowded = open_ > options_.limits.connections * 3 / 4;
    if (!serve_request(connection, crowded)) return;
  }
}

bool HttpEngine::serve_request(Connection& connection, bool last) {
  CurrentRequest current;
  current.connection = &connection;
  current.id = request_id("");
  current_request() = &current;
  connection.begin_request();
  ParserStream stream(connection);
  bool closed = false;
  // Compression would cost more time (brotli at its highest level) than it saves on the answers given here.
  const bool done = process_request(stream, last || stopping_, closed,
                                    [](httplib::Request& request) { request.headers.erase("Accept-Encoding"); });
  if (!connection.answered() && connection.fault() != Connection::Fault::kNone) {
    const bool late = connection.fault() == Connection::Fault::kLate;
    HttpResponse response;
    answer_error(response, late ? 408 : 431,
                 late ? "[request] it did not arrive in time" : "[request] its first line is too long", current.id);
    const std::string text =
        raw_answer(response.status, late ? "Request Timeout" : "Request Header Fields Too Large", response.body, "");
    connection.write(text.data(), text.size());
    record({}, response.status);
  }
  current_request() = nullptr;
  return done && !closed && !last && !current.close && !stopping_;
}

void HttpEngine::record(const httplib::Request& request, int status) {
  if (!options_.on_answer) return;
  const CurrentRequest& current = *current_request();
  HttpRecord record;
  record.id = current.id;
  record.remote = request.remote_addr;
  record.method = request.method;
  record.target = request.target;
  record.route = current.route ? current.route->pattern : "";
  record.status = status;
  record.request_bytes = current.connection->received();
  record.response_bytes = current.connection->sent();
  record.seconds = std::chrono::duration<double>(Connection::Clock::now() - current.connection->started()).count();
  record.steps = current.steps;
  options_.on_answer(record);
}

}  // namespace winnow
