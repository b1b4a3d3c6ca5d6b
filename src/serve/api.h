#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "src/serve/catalogue.h"
#include "src/serve/feedback.h"
#include "src/serve/http.h"
#include "src/serve/metrics.h"

namespace winnow {

/// What the addresses of the server do. Handlers may run at the same time. docs/serving.md and page/openapi.json say
/// what they take and give.
class SearchApi {
 public:
  struct Parts {
    Catalogue* main = nullptr;     ///< never null
    Catalogue* compare = nullptr;  ///< null = no second index
    FeedbackFile* feedback = nullptr;
    Metrics* metrics = nullptr;
    std::string token;
    std::function<bool()> stopping;
  };
  explicit SearchApi(Parts parts) : parts_(std::move(parts)) {}
  std::vector<HttpRoute> routes();

 private:
  using Call = void (SearchApi::*)(const HttpRequest&, HttpResponse&);
  HttpRoute route(const char* method, const char* pattern, const char* summary, Call call, bool write = false);

  void ready(const HttpRequest& request, HttpResponse& response);
  void metrics(const HttpRequest& request, HttpResponse& response);
  void info(const HttpRequest& request, HttpResponse& response);
  void search(const HttpRequest& request, HttpResponse& response);
  void why(const HttpRequest& request, HttpResponse& response);
  void get_item(const HttpRequest& request, HttpResponse& response);
  void get_picture(const HttpRequest& request, HttpResponse& response);
  void put_item(const HttpRequest& request, HttpResponse& response);
  void post_items(const HttpRequest& request, HttpResponse& response);
  void delete_item(const HttpRequest& request, HttpResponse& response);
  void feedback(const HttpRequest& request, HttpResponse& response);
  void compact(const HttpRequest& request, HttpResponse& response);

  Catalogue& catalogue_of(const QueryForm& form) const;
  ItemWrite item_write(int64_t id, const nlohmann::json& document, const std::string& picture,
                       const HttpRequest& request) const;

  Parts parts_;
};

/// Sets a JSON body; text that is not UTF-8 gets U+FFFD.
void answer_json(HttpResponse& response, const nlohmann::ordered_json& document);
nlohmann::ordered_json item_document(const IndexItem& item);

}  // namespace winnow
