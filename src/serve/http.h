#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/core/error.h"

namespace winnow {

/// A failure with an HTTP status of its own.
class HttpError : public Error {
 public:
  /// @param retry_after  seconds for the Retry-After header; 0 = none
  HttpError(int status, const std::string& message, int retry_after = 0);
  int status() const noexcept { return status_; }
  int retry_after() const noexcept { return retry_after_; }

 private:
  int status_, retry_after_;
};

/// Status of an error of the library: kUsage, kConfig, kShape 400; kNotFound 404; kMismatch 409; kData 422; kDevice
/// 507; HttpError its own; anything else 500.
int http_status(const Error& error);
/// Stable word of a status for the `code` of an error document ("bad_request", "too_large", ...).
const char* status_word(int status);

/// Milliseconds a request spent in each step, in the order of the first use. Belongs to one request; not thread-safe.
class StepTimes {
 public:
  void add(const char* step, double milliseconds);
  const std::vector<std::pair<const char*, double>>& all() const { return steps_; }
  double of(const std::string& step) const;

 private:
  std::vector<std::pair<const char*, double>> steps_;
};

/// Adds the time until its end to a step.
class StepTimer {
 public:
  StepTimer(StepTimes& times, const char* step) : times_(times), step_(step) {}
  ~StepTimer();
  StepTimer(const StepTimer&) = delete;
  StepTimer& operator=(const StepTimer&) = delete;

 private:
  StepTimes& times_;
  const char* step_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

struct HttpPart {
  std::string type, content;
};

struct HttpRequest {
  std::string method, path, id, content_type, authorization, body;
  std::map<std::string, std::string> query;        ///< of the address; the last of equal names
  std::map<std::string, HttpPart> parts;           ///< of multipart/form-data, by name
  std::map<std::string, std::string> path_values;  ///< {id} of the route
  std::chrono::steady_clock::time_point deadline;  ///< an answer later than this is of no use
  StepTimes* steps = nullptr;                      ///< never null in a handler
};

struct HttpResponse {
  int status = 200;
  std::string type = "application/json", body;
  std::vector<std::pair<std::string, std::string>> headers;
};

struct HttpRoute {
  std::string method;   ///< GET, POST, PUT or DELETE (HEAD is answered as GET)
  std::string pattern;  ///< "/v1/items/{id}": a {name} takes one segment
  std::string summary;
  bool write = false;  ///< needs the token
  std::function<void(const HttpRequest&, HttpResponse&)> handler;
};

struct HttpLimits {
  int connections = 128;              ///< one thread each; a further one gets 503
  uint64_t body_bytes = 20u << 20;    ///< more gets 413
  uint64_t header_bytes = 32u << 10;  ///< request line and headers; more gets 431
  double request_seconds = 15;        ///< for the request to arrive whole (else 408), and for the answer's computation
  double write_seconds = 30;          ///< for the client to take the answer
  double keep_alive_seconds = 5;      ///< between two requests of a connection
};

struct TlsFiles {
  std::string certificate, key;  ///< PEM; both or none
};

/// What is known when a request has been answered.
struct HttpRecord {
  std::string id, remote, method, target, route;  ///< `route`: the pattern, "" when none matched
  int status = 0;
  uint64_t request_bytes = 0, response_bytes = 0;
  double seconds = 0;
  StepTimes steps;
};

/// HTTP/1.1 server; the only code that knows cpp-httplib. Routes are matched exactly; another method gets 405, another
/// path 404. Every failure is a JSON document {"error": {"code", "message", "request_id"}}. Requests with a
/// Content-Encoding get 415, so that nothing unpacks to more than was sent. Handlers run on the connection's thread, at
/// most `connections` at a time.
class HttpServer {
 public:
  struct Options {
    HttpLimits limits;
    TlsFiles tls;
    std::string token;                                 ///< "" = routes with `write` are switched off (403)
    std::function<void(const HttpRecord&)> on_answer;  ///< from any thread; must not throw
  };
  /// @throws Error(kConfig | kNotFound) for TLS files that cannot be used
  HttpServer(Options options, std::vector<HttpRoute> routes);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// @param port 0 = any free one. @return the port. @throws Error(kDevice) when the address is in use or unknown
  int bind(const std::string& host, int port);
  /// Serves until stop(); then finishes the requests that are in hand and returns. Requires bind().
  void run();
  /// Accepts nothing more; connections that wait for a next request are closed. From any thread, any number of times;
  /// call it again until run() has returned, for a run() that is only just starting does not see the first call.
  void stop();
  bool stopping() const;
  int open_connections() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// "Bearer TOKEN" against the token, in a time that does not depend on where they differ. An empty token matches
/// nothing.
bool token_matches(const std::string& authorization, const std::string& token);

/// Values of the {names} of a pattern, or nothing when the path is another. Values are not decoded further.
std::optional<std::map<std::string, std::string>> match_route(const std::string& pattern, const std::string& path);

/// The client's X-Request-Id when it is of 1..64 letters, digits, '.', '_', '-'; else 16 random hexadecimal digits.
std::string request_id(const std::string& wanted);

/// {"error": {...}} with the status, and Retry-After where the error has one.
void answer_error(HttpResponse& response, int status, const std::string& message, const std::string& request_id,
                  int retry_after = 0);

}  // namespace winnow
