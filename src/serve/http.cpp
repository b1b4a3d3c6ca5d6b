#include "src/serve/http.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <random>

#include "src/core/text.h"

namespace winnow {
namespace {

ErrorCode code_of(int status) {
  if (status == 404) return ErrorCode::kNotFound;
  if (status == 422) return ErrorCode::kData;
  return status >= 500 ? ErrorCode::kDevice : ErrorCode::kUsage;
}

bool is_id_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-';
}

}  // namespace

HttpError::HttpError(int status, const std::string& message, int retry_after)
    : Error(code_of(status), message), status_(status), retry_after_(retry_after) {}

int http_status(const Error& error) {
  if (const auto* http = dynamic_cast<const HttpError*>(&error)) return http->status();
  switch (error.code()) {
    case ErrorCode::kUsage:
    case ErrorCode::kConfig:
    case ErrorCode::kShape: return 400;
    case ErrorCode::kNotFound: return 404;
    case ErrorCode::kMismatch: return 409;
    case ErrorCode::kData: return 422;
    case ErrorCode::kDevice: return 507;
    default: return 500;
  }
}

const char* status_word(int status) {
  static constexpr std::array<std::pair<int, const char*>, 16> kWords{{{400, "bad_request"},
                                                                       {401, "unauthorized"},
                                                                       {403, "forbidden"},
                                                                       {404, "not_found"},
                                                                       {405, "method_not_allowed"},
                                                                       {408, "timeout"},
                                                                       {409, "conflict"},
                                                                       {413, "too_large"},
                                                                       {414, "address_too_long"},
                                                                       {415, "unsupported_media_type"},
                                                                       {422, "unusable_data"},
                                                                       {431, "headers_too_large"},
                                                                       {500, "internal"},
                                                                       {501, "not_implemented"},
                                                                       {503, "unavailable"},
                                                                       {507, "storage"}}};
  for (const auto& [value, word] : kWords)
    if (value == status) return word;
  return status >= 500 ? "internal" : "bad_request";
}

void StepTimes::add(const char* step, double milliseconds) {
  for (auto& [name, value] : steps_)
    if (std::string_view(name) == step) {
      value += milliseconds;
      return;
    }
  steps_.emplace_back(step, milliseconds);
}

double StepTimes::of(const std::string& step) const {
  for (const auto& [name, value] : steps_)
    if (name == step) return value;
  return 0;
}

StepTimer::~StepTimer() {
  times_.add(step_, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_).count());
}

bool token_matches(const std::string& authorization, const std::string& token) {
  const std::string wanted = "Bearer " + token;
  if (token.empty() || authorization.size() != wanted.size()) return false;
  unsigned difference = 0;
  for (size_t i = 0; i < wanted.size(); ++i)
    difference |= static_cast<unsigned char>(wanted[i]) ^ static_cast<unsigned char>(authorization[i]);
  return difference == 0;
}

std::optional<std::map<std::string, std::string>> match_route(const std::string& pattern, const std::string& path) {
  const auto wanted = split(pattern, '/'), given = split(path, '/');
  if (wanted.size() != given.size()) return std::nullopt;
  std::map<std::string, std::string> values;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const bool is_name = wanted[i].size() > 2 && wanted[i].front() == '{' && wanted[i].back() == '}';
    if (is_name && !given[i].empty())
      values[wanted[i].substr(1, wanted[i].size() - 2)] = given[i];
    else if (wanted[i] != given[i])
      return std::nullopt;
  }
  return values;
}

std::string request_id(const std::string& wanted) {
  if (!wanted.empty() && wanted.size() <= 64 && std::all_of(wanted.begin(), wanted.end(), is_id_character))
    return wanted;
  static thread_local std::mt19937_64 random{std::random_device{}()};
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string id;
  for (uint64_t bits = random(); id.size() < 16; bits >>= 4) id += kDigits[bits & 15];
  return id;
}

void answer_error(HttpResponse& response, int status, const std::string& message, const std::string& id,
                  int retry_after) {
  response.status = status;
  response.type = "application/json";
  nlohmann::ordered_json j;
  j["error"] = {{"code", status_word(status)}, {"message", message}, {"request_id", id}};
  response.body = j.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  if (retry_after > 0) response.headers.emplace_back("Retry-After", std::to_string(retry_after));
}

}  // namespace winnow
