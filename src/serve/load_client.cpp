#include "src/serve/load_client.h"

#include <httplib.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <numeric>
#include <thread>

#include "src/core/error.h"
#include "src/core/interrupt.h"
#include "src/core/text.h"

namespace winnow {
namespace {

using Clock = std::chrono::steady_clock;

Clock::duration seconds_of(double s) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(s));
}

struct Tally {
  std::mutex mutex;
  LoadResult result;
  std::vector<double> total;
  std::vector<std::string> order;
  std::map<std::string, std::vector<double>> steps;

  void add(const httplib::Result& answer, double milliseconds) {
    const std::lock_guard guard(mutex);
    if (!answer) {
      ++result.failures[httplib::to_string(answer.error())];
    } else if (answer->status == 503) {
      ++result.refused;
    } else if (answer->status != 200) {
      ++result.failures["status " + std::to_string(answer->status)];
    } else {
      ++result.answered;
      total.push_back(milliseconds);
      for (const auto& [name, value] : parse_server_timing(answer->get_header_value("Server-Timing"))) {
        auto& samples = steps[name];
        if (samples.empty()) order.push_back(name);
        samples.push_back(value);
      }
    }
  }
};

httplib::Client connect(const std::string& url) {
  httplib::Client client(url);
  client.set_keep_alive(true);
  client.set_tcp_nodelay(true);
  client.set_connection_timeout(5);
  client.set_read_timeout(60);
  return client;
}

void one_connection(const LoadOptions& options, const std::vector<std::string>& pictures, std::atomic<int64_t>& turn,
                    Clock::time_point count_from, Clock::time_point end, Tally& tally) {
  auto client = connect(options.url);
  while (Clock::now() < end && !interrupted()) {
    const auto at = static_cast<size_t>(turn++);
    const auto start = Clock::now();
    const std::string k = std::to_string(options.k);
    const auto answer =
        pictures.empty()
            ? client.Post("/v1/search",
                          "{\"id\": " + std::to_string(options.ids[at % options.ids.size()]) + ", \"k\": " + k + "}",
                          "application/json")
            : client.Post("/v1/search?k=" + k, pictures[at % pictures.size()], "image/jpeg");
    const double ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    if (start >= count_from) tally.add(answer, ms);
    // What Retry-After asks for, shortened: the point here is load.
    if (!answer || answer->status == 503) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    if (options.rate > 0)
      std::this_thread::sleep_until(std::min(end, start + seconds_of(options.connections / options.rate)));
  }
}

}  // namespace

Percentiles percentiles(std::vector<double> v) {
  Percentiles out;
  out.count = static_cast<int64_t>(v.size());
  if (v.empty()) return out;
  std::sort(v.begin(), v.end());
  const auto rank = [&](double share) {
    const auto at = static_cast<size_t>(std::ceil(share * static_cast<double>(v.size())));
    return v[std::clamp<size_t>(at, 1, v.size()) - 1];
  };
  out.mean = std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size());
  out.p50 = rank(0.5);
  out.p90 = rank(0.9);
  out.p99 = rank(0.99);
  out.max = v.back();
  return out;
}

std::vector<std::pair<std::string, double>> parse_server_timing(const std::string& header) {
  std::vector<std::pair<std::string, double>> out;
  for (const auto& entry : split(header, ',')) {
    const auto parts = split(std::string(trim(entry)), ';');
    if (parts.size() != 2 || !parts[1].starts_with("dur=")) continue;
    if (const auto value = parse_double(parts[1].substr(4))) out.emplace_back(parts[0], *value);
  }
  return out;
}

LoadResult run_load(const LoadOptions& options) {
  std::vector<std::string> pictures;
  for (const auto& file : options.pictures) pictures.push_back(read_file(file, uint64_t{64} << 20));
  if (pictures.empty() && options.ids.empty())
    throw Error(ErrorCode::kUsage, "[bench] pictures (--image) or ids (--item) are required");
  if (const auto ready = connect(options.url).Get("/readyz"); !ready || ready->status != 200)
    throw Error(ErrorCode::kDevice, "[bench] a running server is required, none answers at " + options.url +
                                        " (winnow serve IDX --port 8080)");
  Tally tally;
  std::atomic<int64_t> turn{0};
  const auto from = Clock::now() + seconds_of(options.warm_up_seconds), end = from + seconds_of(options.seconds);
  std::vector<std::thread> threads;
  for (int c = 0; c < options.connections; ++c)
    threads.emplace_back([&] { one_connection(options, pictures, turn, from, end, tally); });
  for (auto& thread : threads) thread.join();
  if (interrupted()) throw Error(ErrorCode::kInterrupted, "[bench] interrupted");
  LoadResult& out = tally.result;
  out.connections = options.connections;
  out.seconds = std::chrono::duration<double>(Clock::now() - from).count();
  out.per_second = static_cast<double>(out.answered) / out.seconds;
  out.total = percentiles(std::move(tally.total));
  for (const auto& name : tally.order) out.steps.emplace_back(name, percentiles(std::move(tally.steps[name])));
  return out;
}

double read_metric(const std::string& url, const std::string& name) {
  const auto answer = connect(url).Get("/metrics");
  if (!answer || answer->status != 200) throw Error(ErrorCode::kDevice, "[bench] no metrics at " + url);
  for (const auto& line : split(answer->body, '\n'))
    if (line.starts_with(name + " "))
      if (const auto value = parse_double(line.substr(name.size() + 1))) return *value;
  throw Error(ErrorCode::kData, "[bench] " + url + "/metrics has no " + name);
}

std::vector<SoakSample> run_soak(LoadOptions options, double minutes, double slice_seconds,
                                 const std::function<void(const SoakSample&)>& on_sample) {
  std::vector<SoakSample> out;
  const auto start = Clock::now();
  options.seconds = slice_seconds;
  for (;;) {
    const LoadResult slice = run_load(options);
    SoakSample sample;
    sample.minutes = std::chrono::duration<double>(Clock::now() - start).count() / 60;
    sample.resident_bytes = read_metric(options.url, "process_resident_memory_bytes");
    sample.per_second = slice.per_second;
    sample.p99_ms = slice.total.p99;
    for (const auto& [reason, count] : slice.failures) sample.failures += count;
    on_sample(sample);
    out.push_back(sample);
    if (sample.minutes >= minutes) return out;
  }
}

}  // namespace winnow
