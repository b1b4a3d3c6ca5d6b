#include "src/serve/http_engine.h"

namespace winnow {

struct HttpServer::State {
  Options options;
  std::vector<HttpRoute> routes;
  std::unique_ptr<HttpEngine> engine;
  std::atomic<bool> closed{false};
};

HttpServer::HttpServer(Options options, std::vector<HttpRoute> routes) : state_(std::make_unique<State>()) {
  state_->options = std::move(options);
  state_->routes = std::move(routes);
  state_->engine = std::make_unique<HttpEngine>(state_->options, state_->routes);
}

HttpServer::~HttpServer() { stop(); }

int HttpServer::bind(const std::string& host, int port) { return state_->engine->bind(host, port); }

void HttpServer::run() {
  if (!stopping()) state_->engine->listen_after_bind();
}

void HttpServer::stop() {
  state_->engine->drain();
  if (state_->engine->is_running() && !state_->closed.exchange(true)) state_->engine->stop();
}

bool HttpServer::stopping() const { return state_->engine->stopping(); }
int HttpServer::open_connections() const { return state_->engine->open_connections(); }

}  // namespace winnow
