#include "src/serve/http_engine.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "src/core/text.h"
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

void set_security_headers(httplib::Response& response) {
  response.set_header("X-Content-Type-Options", "nosniff");
  response.set_header("Referrer-Policy", "no-referrer");
  response.set_header("Content-Security-Policy",
                      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src "
                      "'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
}

std::string server_timing(const StepTimes& steps) {
  std::string out;
  char text[64];
  for (const auto& [name, milliseconds] : steps.all()) {
    std::snprintf(text, sizeof text, "%s%s;dur=%.3f", out.empty() ? "" : ", ", name, milliseconds);
    out += text;
  }
  return out;
}

void put(httplib::Response& to, const HttpResponse& from) {
  to.status = from.status;
  for (const auto& [name, value] : from.headers) to.set_header(name, value);
  to.set_content(from.body, from.type);
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
    answer_error(response, late ? 408 : 431, late ? "[request] it did not arrive in time" : "[request] its first line is too long",
                 current.id);
    const std::string text =
        raw_answer(response.status, late ? "Request Timeout" : "Request Header Fields Too Large", response.body, "");
    connection.write(text.data(), text.size());
    record({}, response.status);
  }
  current_request() = nullptr;
  return done && !closed && !last && !current.close && !stopping_;
}

void HttpEngine::install_handlers() {
  const auto answer_all = [this](const httplib::Request& request, httplib::Response& response) {
    answer(request, response);
  };
  const char* any = ".*";
  Get(any, answer_all);
  Post(any, httplib::Server::Handler(answer_all));
  Put(any, httplib::Server::Handler(answer_all));
  Delete(any, httplib::Server::Handler(answer_all));
  set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
    return before_body(request, response);
  });
  set_error_handler(HandlerWithResponse(
      [this](const httplib::Request&, httplib::Response& response) { return fill_error(response); }));
  set_post_routing_handler([](const httplib::Request&, httplib::Response& response) {
    const CurrentRequest& current = *current_request();
    response.set_header("X-Request-Id", current.id);
    if (!current.steps.all().empty()) response.set_header("Server-Timing", server_timing(current.steps));
    if (current.close) response.set_header("Connection", "close");
    set_security_headers(response);
  });
  set_logger([this](const httplib::Request& request, const httplib::Response& response) {
    record(request, response.status);
  });
}

/// Everything that can be decided from the headers. @return a status, 0 = go on
int HttpEngine::refuse_reason(const httplib::Request& request, std::string* why, httplib::Response& response) {
  CurrentRequest& current = *current_request();
  const bool chunked = request.has_header("Transfer-Encoding"), sized = request.has_header("Content-Length");
  const auto refuse = [&](int status, const std::string& text) {
    *why = text;
    return status;
  };
  if ((chunked && sized) || request.get_header_value_count("Content-Length") > 1)
    return refuse(400, "[request] one length of the body is required");
  const auto length = parse_int(sized ? request.get_header_value("Content-Length") : "0");
  if (!length || *length < 0) return refuse(400, "[request] Content-Length is required to be a number");
  std::string allowed;
  for (const auto& route : routes_) {
    auto values = match_route(route.pattern, request.path);
    if (!values) continue;
    allowed += (allowed.empty() ? "" : ", ") + route.method;
    if (route.method != request.method && !(request.method == "HEAD" && route.method == "GET")) continue;
    current.route = &route;
    current.path_values = std::move(*values);
  }
  if (!current.route && allowed.empty()) return refuse(404, "[request] there is nothing at " + request.path);
  if (!current.route) {
    response.set_header("Allow", allowed);
    return refuse(405, "[request] " + request.path + " takes " + allowed);
  }
  if (current.route->write && options_.token.empty())
    return refuse(403, "[request] this server is read-only (start it with a token to allow writes)");
  if (current.route->write && !token_matches(request.get_header_value("Authorization"), options_.token)) {
    response.set_header("WWW-Authenticate", "Bearer");
    return refuse(401, "[request] the header 'Authorization: Bearer TOKEN' is required");
  }
  const bool body_allowed = current.route->method == "POST" || current.route->method == "PUT";
  if (!body_allowed && (chunked || *length > 0)) return refuse(400, "[request] no body is taken here");
  if (body_allowed && !chunked && !sized) return refuse(411, "[request] Content-Length is required");
  if (request.has_header("Content-Encoding")) return refuse(415, "[request] a body without Content-Encoding is required");
  if (static_cast<uint64_t>(*length) > options_.limits.body_bytes)
    return refuse(413, "[request] at most " + format_bytes(options_.limits.body_bytes) + " are taken, got " +
                           format_bytes(static_cast<uint64_t>(*length)));
  return 0;
}

httplib::Server::HandlerResponse HttpEngine::before_body(const httplib::Request& request,
                                                         httplib::Response& response) {
  CurrentRequest& current = *current_request();
  current.id = request_id(request.get_header_value("X-Request-Id"));
  current.connection->begin_body();
  std::string why;
  const int status = refuse_reason(request, &why, response);
  if (status == 0) return HandlerResponse::Unhandled;
  current.close = current.close || request.has_header("Content-Length") || request.has_header("Transfer-Encoding");
  HttpResponse error;
  answer_error(error, status, why, current.id);
  put(response, error);
  return HandlerResponse::Handled;
}

void HttpEngine::answer(const httplib::Request& request, httplib::Response& response) {
  CurrentRequest& current = *current_request();
  HttpResponse out;
  HttpRequest in;
  in.method = request.method;
  in.path = request.path;
  in.id = current.id;
  in.content_type = lower(request.get_header_value("Content-Type"));
  in.authorization = request.get_header_value("Authorization");
  in.body = request.body;
  for (const auto& [name, value] : request.params) in.query[name] = value;
  for (const auto& [name, part] : request.files) in.parts[name] = {lower(part.content_type), part.content};
  in.path_values = current.path_values;
  in.deadline = current.connection->deadline();
  in.steps = &current.steps;
  const auto since = std::chrono::steady_clock::now() - current.connection->started();
  current.steps.add("read", std::chrono::duration<double, std::milli>(since).count());
  try {
    current.route->handler(in, out);
  } catch (const HttpError& e) {
    answer_error(out, e.status(), e.what(), current.id, e.retry_after());
  } catch (const Error& e) {
    answer_error(out, http_status(e), e.what(), current.id);
  } catch (const std::bad_alloc&) {
    answer_error(out, 503, "[serve] out of memory", current.id, 5);
  } catch (const std::exception& e) {
    const std::string what = e.what();
    answer_error(out, 500, "[serve] " + what.substr(0, what.find('\n')), current.id);
  }
  put(response, out);
}

httplib::Server::HandlerResponse HttpEngine::fill_error(httplib::Response& response) {
  CurrentRequest& current = *current_request();
  if (!response.body.empty()) return HandlerResponse::Unhandled;
  // The parser gave up before a handler ran; what follows in the stream cannot be told from a next request.
  current.close = true;
  int status = response.status;
  std::string why = "[request] it is not well-formed HTTP";
  if (current.connection->fault() == Connection::Fault::kLate) {
    status = 408;
    why = "[request] it did not arrive in time";
  } else if (current.connection->fault() == Connection::Fault::kHeadersTooLarge) {
    status = 431;
    why = "[request] its headers are too large";
  } else if (current.connection->fault() == Connection::Fault::kBodyTooLarge || status == 413) {
    status = 413;
    why = "[request] its body is too large";
  } else if (status == 414) {
    why = "[request] its address is too long";
  }
  HttpResponse error;
  answer_error(error, status, why, current.id);
  put(response, error);
  return HandlerResponse::Handled;
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
