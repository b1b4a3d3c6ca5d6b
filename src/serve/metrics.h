#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace winnow {

/// Counters, gauges and histograms in the text format of Prometheus (0.0.4). Thread-safe.
class Metrics {
 public:
  /// Adds to a counter. @param labels  as in `route="/v1/search",status="200"`; values escaped with metric_label()
  void count(const std::string& name, const std::string& labels, double by = 1);
  /// Adds an observation in seconds to a histogram.
  void observe(const std::string& name, const std::string& labels, double seconds);
  /// A value that is asked for when metrics are read. @param ask  must be thread-safe
  void gauge(const std::string& name, std::function<double()> ask);
  /// What a metric means; printed as # HELP. Names without it are printed all the same.
  void describe(const std::string& name, const std::string& help);

  std::string text() const;

  /// Upper bounds of the buckets in seconds; the last one is infinite.
  static const std::vector<double>& bounds();

 private:
  struct Histogram {
    std::vector<uint64_t> buckets;
    uint64_t count = 0;
    double sum = 0;
  };
  mutable std::mutex mutex_;
  std::map<std::string, std::map<std::string, double>> counters_;
  std::map<std::string, std::map<std::string, Histogram>> histograms_;
  std::map<std::string, std::function<double()>> gauges_;
  std::map<std::string, std::string> help_;
};

/// name="value" with the value escaped.
std::string metric_label(const std::string& name, const std::string& value);

/// Resident memory of this process in bytes, now; 0 where the system does not say.
double resident_bytes();

}  // namespace winnow
