#include <cstdio>

#include "src/core/text.h"
#include "src/serve/http_engine.h"

// What HttpEngine says: from the headers alone, from a handler, and when the parser gave up.

namespace winnow {
namespace {

void set_security_headers(httplib::Response& response) {
  response.set_header("X-Content-Type-Options", "nosniff");
  response.set_header("Referrer-Policy", "no-referrer");
  response.set_header(
      "Content-Security-Policy",
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

void HttpEngine::install_handlers() {
  const auto answer_all = [this](const httplib::Request& request, httplib::Response& response) {
    answer(request, response);
  };
  const char* any = ".*";
  Get(any, answer_all);
  Post(any, httplib::Server::Handler(answer_all));
  Put(any, httplib::Server::Handler(answer_all));
  Delete(any, httplib::Server::Handler(answer_all));
  set_pre_routing_handler(
      [this](const httplib::Request& request, httplib::Response& response) { return before_body(request, response); });
  set_error_handler(HandlerWithResponse(
      [this](const httplib::Request&, httplib::Response& response) { return fill_error(response); }));
  set_post_routing_handler([](const httplib::Request&, httplib::Response& response) {
    const CurrentRequest& current = *current_request();
    response.set_header("X-Request-Id", current.id);
    if (!current.steps.all().empty()) response.set_header("Server-Timing", server_timing(current.steps));
    if (current.close) response.set_header("Connection", "close");
    set_security_headers(response);
  });
  set_logger(
      [this](const httplib::Request& request, const httplib::Response& response) { record(request, response.status); });
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
  if (request.has_header("Content-Encoding"))
    return refuse(415, "[request] a body without Content-Encoding is required");
  if (static_cast<uint64_t>(*length) > options_.limits.body_bytes)
    return refuse(413, "[request] at most " + format_bytes(options_.limits.body_bytes) + " are taken, got " +
                           format_bytes(static_cast<uint64_t>(*length)));
  return 0;
}

httplib::Server::HandlerResponse HttpEngine::before_body(const httplib::Request& request, httplib::Response& response) {
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

}  // namespace winnow
