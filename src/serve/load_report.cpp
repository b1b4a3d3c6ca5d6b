#include <nlohmann/json.hpp>

#include "src/core/tables.h"
#include "src/core/text.h"
#include "src/serve/load_client.h"

namespace winnow {
namespace {

nlohmann::ordered_json document(const Percentiles& p) {
  return {{"count", p.count}, {"mean", p.mean}, {"p50", p.p50}, {"p90", p.p90}, {"p99", p.p99}, {"max", p.max}};
}

std::vector<std::string> row(const std::string& connections, const std::string& step, const Percentiles& p) {
  return {connections,
          step,
          std::to_string(p.count),
          format_number(p.mean, 2),
          format_number(p.p50, 2),
          format_number(p.p90, 2),
          format_number(p.p99, 2),
          format_number(p.max, 2)};
}

}  // namespace

std::string load_table(const std::vector<LoadResult>& results) {
  std::string out;
  for (const auto& r : results) {
    out += std::to_string(r.connections) + " connections, " + format_number(r.seconds, 1) +
           " s: " + std::to_string(r.answered) + " answered (" + format_number(r.per_second, 1) + " a second), " +
           std::to_string(r.refused) + " told to come back";
    for (const auto& [reason, count] : r.failures) out += ", " + std::to_string(count) + " failed: " + reason;
    out += "\n";
    Table table({"connections", "step", "requests", "mean ms", "p50", "p90", "p99", "max"});
    table.add(row(std::to_string(r.connections), "total", r.total));
    for (const auto& [name, p] : r.steps) table.add(row("", name, p));
    out += table.text() + "\n";
  }
  return out;
}

std::string soak_table(const std::vector<SoakSample>& samples) {
  Table table({"minutes", "memory", "a second", "p99 ms", "failures"});
  for (const auto& s : samples)
    table.add({format_number(s.minutes, 1), format_bytes(static_cast<uint64_t>(s.resident_bytes)),
               format_number(s.per_second, 1), format_number(s.p99_ms, 1), std::to_string(s.failures)});
  return table.text();
}

std::string load_json(const std::vector<LoadResult>& results, const std::vector<SoakSample>& samples) {
  nlohmann::ordered_json j = {{"load", nlohmann::json::array()}, {"soak", nlohmann::json::array()}};
  for (const auto& r : results) {
    nlohmann::ordered_json one = {{"connections", r.connections},  {"seconds", r.seconds},
                                  {"answered", r.answered},        {"refused", r.refused},
                                  {"failures", r.failures},        {"per_second", r.per_second},
                                  {"total_ms", document(r.total)}, {"steps_ms", nlohmann::json::object()}};
    for (const auto& [name, p] : r.steps) one["steps_ms"][name] = document(p);
    j["load"].push_back(std::move(one));
  }
  for (const auto& s : samples)
    j["soak"].push_back({{"minutes", s.minutes},
                         {"resident_bytes", s.resident_bytes},
                         {"per_second", s.per_second},
                         {"p99_ms", s.p99_ms},
                         {"failures", s.failures}});
  return j.dump();
}

}  // namespace winnow
