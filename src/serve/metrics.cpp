#include "src/serve/metrics.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

namespace winnow {
namespace {

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.12g", value);
  return text;
}

std::string with_labels(const std::string& name, const std::string& labels) {
  return labels.empty() ? name : name + "{" + labels + "}";
}

}  // namespace

const std::vector<double>& Metrics::bounds() {
  static const std::vector<double> kBounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                           0.1,    0.25,  0.5,    1,     2.5,  5,     10};
  return kBounds;
}

void Metrics::count(const std::string& name, const std::string& labels, double by) {
  const std::lock_guard guard(mutex_);
  counters_[name][labels] += by;
}

void Metrics::observe(const std::string& name, const std::string& labels, double seconds) {
  const std::lock_guard guard(mutex_);
  Histogram& h = histograms_[name][labels];
  h.buckets.resize(bounds().size() + 1);
  const auto at = std::lower_bound(bounds().begin(), bounds().end(), seconds) - bounds().begin();
  ++h.buckets[static_cast<size_t>(at)];
  ++h.count;
  h.sum += seconds;
}

void Metrics::gauge(const std::string& name, std::function<double()> ask) {
  const std::lock_guard guard(mutex_);
  gauges_[name] = std::move(ask);
}

void Metrics::describe(const std::string& name, const std::string& help) {
  const std::lock_guard guard(mutex_);
  help_[name] = help;
}

std::string Metrics::text() const {
  const std::lock_guard guard(mutex_);
  std::string out;
  const auto head = [&](const std::string& name, const char* type) {
    if (const auto help = help_.find(name); help != help_.end()) out += "# HELP " + name + " " + help->second + "\n";
    out += "# TYPE " + name + " " + type + "\n";
  };
  for (const auto& [name, series] : counters_) {
    head(name, "counter");
    for (const auto& [labels, value] : series) out += with_labels(name, labels) + " " + number(value) + "\n";
  }
  for (const auto& [name, ask] : gauges_) {
    head(name, "gauge");
    out += name + " " + number(ask()) + "\n";
  }
  for (const auto& [name, series] : histograms_) {
    head(name, "histogram");
    for (const auto& [labels, h] : series) {
      const std::string before = labels.empty() ? "" : labels + ",";
      uint64_t up_to = 0;
      for (size_t i = 0; i < h.buckets.size(); ++i) {
        up_to += h.buckets[i];
        const std::string bound = i < bounds().size() ? number(bounds()[i]) : "+Inf";
        out += name + "_bucket{" + before + "le=\"" + bound + "\"} " + std::to_string(up_to) + "\n";
      }
      out += with_labels(name + "_sum", labels) + " " + number(h.sum) + "\n";
      out += with_labels(name + "_count", labels) + " " + std::to_string(h.count) + "\n";
    }
  }
  return out;
}

std::string metric_label(const std::string& name, const std::string& value) {
  std::string out = name + "=\"";
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    out += c == '\n' ? std::string("\\n") : std::string(1, c);
  }
  return out + "\"";
}

double resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  double pages = 0, resident = 0;
  if (!(statm >> pages >> resident)) return 0;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

}  // namespace winnow
