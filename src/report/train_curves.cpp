#include "src/report/train_curves.h"

#include <set>

namespace winnow {

const TrainEpoch* best_epoch(const TrainReport& report) {
  const TrainEpoch* best = nullptr;
  for (const auto& e : report.epochs) {
    const auto value = e.validation.find(report.select);
    if (value == e.validation.end()) continue;
    if (!best || value->second > best->validation.at(report.select)) best = &e;
  }
  return best;
}

const TrainEpoch* last_validated(const TrainReport& report) {
  for (size_t i = report.epochs.size(); i-- > 0;)
    if (report.epochs[i].validation.count(report.select)) return &report.epochs[i];
  return nullptr;
}

double mean_wait_share(const TrainReport& report) {
  double waited = 0, seconds = 0;
  for (const auto& e : report.epochs) {
    waited += e.wait_share * e.seconds;
    seconds += e.seconds;
  }
  return seconds > 0 ? waited / seconds : 0.0;
}

Series epoch_series(const std::string& name, const std::vector<TrainEpoch>& epochs,
                    const std::function<double(const TrainEpoch&)>& value) {
  Series out{name, {}, {}};
  for (const auto& e : epochs) out.points.emplace_back(static_cast<double>(e.epoch), value(e));
  return out;
}

std::vector<Series> map_series(const std::vector<TrainEpoch>& epochs, std::map<std::string, double> TrainEpoch::*field,
                               const std::vector<std::string>& names) {
  std::vector<Series> out;
  for (const auto& name : names) {
    Series s{name, {}, {}};
    for (const auto& e : epochs)
      if (const auto found = (e.*field).find(name); found != (e.*field).end())
        s.points.emplace_back(static_cast<double>(e.epoch), found->second);
    if (!s.points.empty()) out.push_back(std::move(s));
  }
  return out;
}

std::vector<std::string> names_in(const std::vector<TrainEpoch>& epochs,
                                  std::map<std::string, double> TrainEpoch::*field) {
  std::set<std::string> names;
  for (const auto& e : epochs)
    for (const auto& [name, value] : e.*field) names.insert(name);
  return {names.begin(), names.end()};
}

}  // namespace winnow
