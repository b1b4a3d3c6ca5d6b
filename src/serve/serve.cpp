#include "src/serve/serve.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <thread>

#include "src/core/clock.h"
#include "src/core/log.h"
#include "src/core/text.h"
#include "src/serve/api.h"

namespace winnow {
namespace {

/// Whole lines to a file or stderr: one write() each, so that lines of several threads do not mix.
class LineLog {
 public:
  explicit LineLog(const std::string& target) : owned_(!target.empty() && target != "-") {
    if (target == "-") fd_ = STDERR_FILENO;
    if (!owned_) return;
    fd_ = ::open(target.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd_ < 0)
      throw Error(ErrorCode::kDevice, "[serve] cannot write the log " + target + ": " + std::strerror(errno));
  }
  ~LineLog() {
    if (owned_) ::close(fd_);
  }
  LineLog(const LineLog&) = delete;
  LineLog& operator=(const LineLog&) = delete;
  void put(const std::string& line) const {
    if (fd_ >= 0 && ::write(fd_, line.data(), line.size()) < 0 && !warned_.exchange(true))
      log_warning("the request log cannot be written: {}", std::strerror(errno));
  }

 private:
  bool owned_;
  int fd_ = -1;
  mutable std::atomic<bool> warned_{false};
};

CatalogueOptions catalogue_options(const ServeOptions& options, Metrics& metrics) {
  CatalogueOptions out;
  out.index = options.index;
  out.model = options.model;
  out.writable = !options.token.empty();
  out.max_pixels = options.max_pixels;
  out.batching.seats = options.queue;
  out.batching.max_batch = options.batch;
  out.batching.patience = std::chrono::microseconds(static_cast<int64_t>(options.patience_ms * 1e3));
  out.batching.on_batch = [&metrics](int pictures, double seconds) {
    metrics.count("winnow_batches_total", "");
    metrics.count("winnow_batch_pictures_total", "", pictures);
    metrics.observe("winnow_batch_seconds", "", seconds);
  };
  return out;
}

void describe(Metrics& metrics) {
  metrics.describe("winnow_requests_total", "Requests answered, by route, method and status.");
  metrics.describe("winnow_request_seconds", "Time from a request's first byte to the end of its answer.");
  metrics.describe("winnow_step_seconds", "Time of a request in one step.");
  metrics.describe("winnow_received_bytes_total", "Bytes of requests.");
  metrics.describe("winnow_sent_bytes_total", "Bytes of answers.");
  metrics.describe("winnow_batches_total", "Runs of the network.");
  metrics.describe("winnow_batch_pictures_total", "Pictures through the network.");
  metrics.describe("winnow_batch_seconds", "Time of a network run.");
  metrics.describe("winnow_index_items", "Items that can be found now.");
  metrics.describe("winnow_index_generation", "Generation of the index that answers.");
  metrics.describe("winnow_queue_pictures", "Pictures in hand: decoding, waiting or in the network.");
  metrics.describe("winnow_connections", "Open connections.");
  metrics.describe("process_resident_memory_bytes", "Resident memory.");
}

void measure(Metrics& metrics, const HttpRecord& record) {
  const std::string route = metric_label("route", record.route.empty() ? "none" : record.route);
  metrics.count("winnow_requests_total", route + "," +
                                             metric_label("method", record.route.empty() ? "" : record.method) + "," +
                                             metric_label("status", std::to_string(record.status)));
  metrics.observe("winnow_request_seconds", route, record.seconds);
  metrics.count("winnow_received_bytes_total", "", static_cast<double>(record.request_bytes));
  metrics.count("winnow_sent_bytes_total", "", static_cast<double>(record.response_bytes));
  for (const auto& [step, milliseconds] : record.steps.all())
    metrics.observe("winnow_step_seconds", metric_label("step", step), milliseconds / 1e3);
}

/// Twice a second: what other processes wrote, words and facets of a new generation, and the wish to stop.
void watch(HttpServer& server, Catalogue& main, Catalogue* compare, const std::function<bool()>& stop,
           const std::atomic<bool>& ended) {
  for (int tick = 1; !ended; ++tick) {
    if (stop()) server.stop();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    if (tick % 10 != 0 || server.stopping()) continue;
    for (Catalogue* catalogue : {&main, compare}) {
      if (!catalogue) continue;
      try {
        if (catalogue->index().reload()) log_debug("{}: taken over anew", catalogue->index().folder().string());
        catalogue->refresh();
      } catch (const Error& e) {
        if (tick % 200 == 0) log_warning("the present state is served on: {}", e.what());
      }
    }
  }
}

}  // namespace

std::string log_line(const HttpRecord& record) {
  nlohmann::ordered_json j = {{"time", utc_now()},
                              {"request_id", record.id},
                              {"remote", record.remote},
                              {"method", record.method},
                              {"target", record.target.substr(0, 500)},
                              {"status", record.status},
                              {"ms", record.seconds * 1e3},
                              {"received", record.request_bytes},
                              {"sent", record.response_bytes}};
  for (const auto& [step, milliseconds] : record.steps.all()) j["steps_ms"][step] = milliseconds;
  return j.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string read_token(const fs::path& file) {
  const std::string text = read_file(file, 4096);
  const std::string token(trim(text.substr(0, text.find('\n'))));
  if (token.size() < 16)
    throw Error(ErrorCode::kConfig, "[serve] a token of at least 16 characters is required in " + file.string());
  return token;
}

void serve(const ServeOptions& options, const std::function<void(const std::string&)>& on_ready,
           const std::function<bool()>& stop) {
  Metrics metrics;
  describe(metrics);
  const LineLog log(options.log);
  Catalogue main(catalogue_options(options, metrics));
  std::unique_ptr<Catalogue> compare;
  if (!options.compare.empty()) {
    CatalogueOptions second = catalogue_options(options, metrics);
    second.index = options.compare;
    second.model = options.compare_model;
    second.writable = false;
    compare = std::make_unique<Catalogue>(std::move(second));
  }
  std::unique_ptr<FeedbackFile> feedback;
  if (!options.feedback.empty()) feedback = std::make_unique<FeedbackFile>(options.feedback);
  HttpServer* running = nullptr;
  SearchApi api({&main, compare.get(), feedback.get(), &metrics, options.token,
                 [&running] { return running && running->stopping(); }});
  HttpServer server({options.limits, options.tls, options.token,
                     [&](const HttpRecord& record) {
                       measure(metrics, record);
                       log.put(log_line(record));
                     }},
                    api.routes());
  running = &server;
  metrics.gauge("winnow_index_items", [&] { return static_cast<double>(main.index().view()->size()); });
  metrics.gauge("winnow_index_generation", [&] { return static_cast<double>(main.index().info().generation); });
  metrics.gauge("winnow_queue_pictures", [&] { return static_cast<double>(main.queued()); });
  metrics.gauge("winnow_connections", [&] { return static_cast<double>(server.open_connections()); });
  metrics.gauge("process_resident_memory_bytes", resident_bytes);
  const bool is_local = options.host == "127.0.0.1" || options.host == "localhost" || options.host == "::1";
  if (!options.token.empty() && options.tls.certificate.empty() && !is_local)
    log_warning("the token crosses the network in the clear; give --tls-cert and --tls-key");
  const int port = server.bind(options.host, options.port);
  on_ready((options.tls.certificate.empty() ? "http://" : "https://") + options.host + ":" + std::to_string(port));
  std::atomic<bool> ended{false};
  std::thread watcher([&] { watch(server, main, compare.get(), stop, ended); });
  server.run();
  ended = true;
  watcher.join();
}

}  // namespace winnow
