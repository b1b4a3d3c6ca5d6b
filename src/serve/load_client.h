#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "src/core/files.h"

namespace winnow {

struct LoadOptions {
  std::string url = "http://127.0.0.1:8080";  ///< of a running `winnow serve`
  std::vector<fs::path> pictures;             ///< sent in turn; empty = search by the ids below
  std::vector<int64_t> ids;
  int connections = 64;
  double seconds = 10, warm_up_seconds = 1;  ///< what the warm-up brings is not counted
  double rate = 0;  ///< at most so many requests a second over all connections; 0 = as fast as they are answered
  int k = 10;
};

/// Milliseconds at ranks of the sorted samples.
struct Percentiles {
  int64_t count = 0;
  double mean = 0, p50 = 0, p90 = 0, p99 = 0, max = 0;
};
Percentiles percentiles(std::vector<double> milliseconds);

struct LoadResult {
  int connections = 0;
  int64_t answered = 0, refused = 0;                       ///< status 200; status 503
  std::map<std::string, int64_t> failures;                 ///< other statuses and broken connections, by reason
  double seconds = 0, per_second = 0;                      ///< of answered requests
  Percentiles total;                                       ///< seen by the client, of answered requests
  std::vector<std::pair<std::string, Percentiles>> steps;  ///< of the server (Server-Timing)
};

/// Keeps `connections` keep-alive connections busy, each with one request at a time (closed loop).
/// @throws Error(kUsage) without a picture or id, Error(kDevice) when the server does not answer, Error(kInterrupted)
LoadResult run_load(const LoadOptions& options);

/// Value of a metric without labels in a server's /metrics. @throws Error(kDevice | kData)
double read_metric(const std::string& url, const std::string& name);

/// Server-Timing ("decode;dur=1.5, net;dur=20") as steps in milliseconds; what is not of that form is left out.
std::vector<std::pair<std::string, double>> parse_server_timing(const std::string& header);

struct SoakSample {
  double minutes = 0, resident_bytes = 0, per_second = 0, p99_ms = 0;
  int64_t failures = 0;
};
/// Load for a long time, with a sample of the server's memory after each slice of `slice_seconds`.
std::vector<SoakSample> run_soak(LoadOptions options, double minutes, double slice_seconds,
                                 const std::function<void(const SoakSample&)>& on_sample);

std::string load_table(const std::vector<LoadResult>& results);
std::string soak_table(const std::vector<SoakSample>& samples);
std::string load_json(const std::vector<LoadResult>& results, const std::vector<SoakSample>& samples);

}  // namespace winnow
