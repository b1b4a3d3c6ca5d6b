#include "src/serve/api.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "src/core/text.h"
#include "src/serve/filter.h"
#include "src/serve/page_files.h"

namespace winnow {
namespace {

nlohmann::ordered_json words_document(const ScoreWords& words) {
  if (words.pairs == 0) return nullptr;
  nlohmann::ordered_json j = {{"pairs", words.pairs}};
  if (words.same <= 1) j["same"] = words.same;
  if (words.similar <= 1) j["similar"] = words.similar;
  return j;
}

nlohmann::ordered_json index_document(const Catalogue& catalogue) {
  const auto view = catalogue.index().view();
  const IndexInfo& info = view->info();
  nlohmann::ordered_json j = {{"items", view->size()},
                              {"dim", view->dim()},
                              {"type", info.type},
                              {"generation", info.generation},
                              {"model", info.model_digest.substr(0, 12)},
                              {"pictures", catalogue.has_model()},
                              {"columns", view->columns()},
                              {"words", words_document(catalogue.words())},
                              {"facets", nlohmann::json::array()}};
  for (const auto& facet : catalogue.facets()) {
    nlohmann::ordered_json values = nlohmann::json::array();
    for (const auto& [value, count] : facet.values) values.push_back({{"value", value}, {"count", count}});
    j["facets"].push_back({{"column", facet.column}, {"values", values}});
  }
  return j;
}

HttpRoute page_route(const char* path, const char* type, std::string_view content) {
  return {"GET", path, "search page", false, [type, content](const HttpRequest&, HttpResponse& response) {
            response.type = type;
            response.body = content;
            response.headers.emplace_back("Cache-Control", "no-cache");
          }};
}

}  // namespace

void answer_json(HttpResponse& response, const nlohmann::ordered_json& document) {
  response.body = document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

nlohmann::ordered_json item_document(const IndexItem& item) {
  nlohmann::ordered_json columns = nlohmann::json::object();
  for (const auto& [name, value] : item.columns) columns[to_valid_utf8(name)] = value;
  return {{"id", item.id}, {"path", item.path}, {"label", item.label}, {"columns", columns}};
}

HttpRoute SearchApi::route(const char* method, const char* pattern, const char* summary, Call call, bool write) {
  return {method, pattern, summary, write,
          [this, call](const HttpRequest& request, HttpResponse& response) { (this->*call)(request, response); }};
}

std::vector<HttpRoute> SearchApi::routes() {
  return {page_route("/", "text/html; charset=utf-8", kPageHtml),
          page_route("/page.css", "text/css; charset=utf-8", kPageCss),
          page_route("/page.js", "text/javascript; charset=utf-8", kPageJs),
          page_route("/picture.js", "text/javascript; charset=utf-8", kPictureJs),
          page_route("/openapi.json", "application/json", kOpenApi),
          {"GET", "/healthz", "the process answers", false,
           [](const HttpRequest&, HttpResponse& response) { response.body = "{\"ok\": true}\n"; }},
          route("GET", "/readyz", "searches can be answered", &SearchApi::ready),
          route("GET", "/metrics", "Prometheus metrics", &SearchApi::metrics),
          route("GET", "/v1/info", "what is served", &SearchApi::info),
          route("POST", "/v1/search", "search", &SearchApi::search),
          route("POST", "/v1/why", "where a hit agrees with the query", &SearchApi::why),
          route("GET", "/v1/items/{id}", "an item", &SearchApi::get_item),
          route("GET", "/v1/items/{id}/picture", "the picture of an item", &SearchApi::get_picture),
          route("PUT", "/v1/items/{id}", "add or change an item", &SearchApi::put_item, true),
          route("DELETE", "/v1/items/{id}", "remove an item", &SearchApi::delete_item, true),
          route("POST", "/v1/items", "add or change items", &SearchApi::post_items, true),
          route("POST", "/v1/feedback", "what a person says about a hit", &SearchApi::feedback, true),
          route("POST", "/v1/compact", "build and swap in a new generation", &SearchApi::compact, true)};
}

void SearchApi::ready(const HttpRequest&, HttpResponse& response) {
  if (parts_.stopping && parts_.stopping()) throw HttpError(503, "[serve] shutting down", 5);
  const auto view = parts_.main->index().view();
  answer_json(response, {{"ready", true}, {"items", view->size()}, {"generation", view->info().generation}});
}

void SearchApi::metrics(const HttpRequest&, HttpResponse& response) {
  response.type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = parts_.metrics->text();
}

void SearchApi::info(const HttpRequest& request, HttpResponse& response) {
  nlohmann::ordered_json j = index_document(*parts_.main);
  j["version"] = WINNOW_VERSION;
  j["writes"] = !parts_.token.empty();
  j["feedback"] = parts_.feedback != nullptr;
  j["token_accepted"] = token_matches(request.authorization, parts_.token);
  j["compare"] = parts_.compare ? index_document(*parts_.compare) : nlohmann::ordered_json();
  answer_json(response, j);
}

Catalogue& SearchApi::catalogue_of(const QueryForm& form) const {
  if (!form.compare) return *parts_.main;
  if (!parts_.compare) throw HttpError(404, "[query] this server has no second index (--compare IDX)");
  return *parts_.compare;
}

void SearchApi::search(const HttpRequest& request, HttpResponse& response) {
  const QueryForm form = read_query(request);
  const Catalogue& catalogue = catalogue_of(form);
  std::string where = filter_condition(form.filter, catalogue.index().view()->columns());
  if (!form.where.empty()) {
    if (!token_matches(request.authorization, parts_.token))
      throw HttpError(403, "[query] 'where' takes SQL and needs the token; 'filter' does not");
    where = where.empty() ? form.where : "(" + where + ") AND (" + form.where + ")";
  }
  const auto answer = catalogue.search(form, where, request.deadline, *request.steps);
  nlohmann::ordered_json hits = nlohmann::json::array(), steps = nlohmann::json::object();
  for (const auto& hit : answer.hits) {
    nlohmann::ordered_json one = {{"rank", hits.size() + 1}};
    one.update(item_document(hit.item));
    one["score"] = hit.score;
    if (*hit.word) one["word"] = hit.word;
    one["duplicates"] = hit.duplicates;
    hits.push_back(std::move(one));
  }
  for (const auto& [name, milliseconds] : request.steps->all()) steps[name] = milliseconds;
  answer_json(response, {{"hits", hits},
                         {"confident", answer.confident},
                         {"items", answer.items},
                         {"generation", answer.generation},
                         {"plan", answer.plan},
                         {"steps_ms", steps},
                         {"request_id", request.id}});
}

void SearchApi::why(const HttpRequest& request, HttpResponse& response) {
  const QueryForm form = read_query(request);
  const auto why = catalogue_of(form).why(form, request.deadline, *request.steps);
  answer_json(response, {{"query", why.query}, {"item", why.item}, {"score", why.score}});
}

void SearchApi::get_item(const HttpRequest& request, HttpResponse& response) {
  answer_json(response, item_document(parts_.main->index().view()->item(id_from(request.path_values.at("id")))));
}

void SearchApi::get_picture(const HttpRequest& request, HttpResponse& response) {
  const auto side_text = request.query.find("side");
  const int64_t side = side_text == request.query.end() ? 320 : parse_int(side_text->second).value_or(0);
  if (side < 16 || side > 2048) throw HttpError(400, "[picture] 'side' from 16 to 2048 is required");
  const auto from = request.query.find("compare") == request.query.end() ? parts_.main : parts_.compare;
  if (!from) throw HttpError(404, "[picture] this server has no second index (--compare IDX)");
  const StepTimer timer(*request.steps, "picture");
  const auto jpeg = from->item_picture(id_from(request.path_values.at("id")), static_cast<int>(side));
  response.type = "image/jpeg";
  response.body.assign(reinterpret_cast<const char*>(jpeg.data()), jpeg.size());
  response.headers.emplace_back("Cache-Control", "private, max-age=60");
}

}  // namespace winnow
