#include "src/training/meter.h"

#include <ATen/ops/cat.h>

#include <nlohmann/json.hpp>

#include "src/training/watchdog.h"

namespace winnow {

void EpochMeter::add(const StepReport& report) {
  ++steps_;
  images_ += report.images;
  loss_ += report.loss;
  distance_ += report.pair_distance;
  learning_rate_ = report.learning_rate;
  for (const auto& [name, value] : report.log) {
    log_[name].sum += value.sum;
    log_[name].count += value.count;
  }
  recent_.push_back(report.z);
  recent_rows_ += report.z.size(0);
  while (recent_rows_ - recent_.front().size(0) >= kSample) {
    recent_rows_ -= recent_.front().size(0);
    recent_.pop_front();
  }
}

void EpochMeter::add_time(double seconds, double waited) {
  seconds_ += seconds;
  waited_ += waited;
}

at::Tensor EpochMeter::sample() const {
  if (recent_.empty()) return {};
  const auto all = at::cat(std::vector<at::Tensor>(recent_.begin(), recent_.end()));
  return all.slice(0, std::max<int64_t>(0, all.size(0) - kSample));
}

void EpochMeter::fill(EpochReport& report) const {
  const double steps = steps_ > 0 ? static_cast<double>(steps_) : 1.0;
  report.loss = loss_ / steps;
  report.mean_pair_distance = distance_ / steps;
  report.learning_rate = learning_rate_;
  report.seconds = seconds_;
  report.images_per_second = seconds_ > 0 ? static_cast<double>(images_) / seconds_ : 0;
  report.wait_share = seconds_ > 0 ? waited_ / seconds_ : 0;
  if (!recent_.empty()) report.embedding_rank = effective_rank(sample());
  for (const auto& [name, value] : log_)
    if (value.count > 0) report.log[name] = value.sum / value.count;
}

nlohmann::json EpochMeter::numbers() const {
  nlohmann::json log = nlohmann::json::object();
  for (const auto& [name, value] : log_) log[name] = {value.sum, value.count};
  return {{"loss", loss_},
          {"distance", distance_},
          {"learning_rate", learning_rate_},
          {"seconds", seconds_},
          {"waited", waited_},
          {"steps", steps_},
          {"images", images_},
          {"log", log}};
}

void EpochMeter::restore(const nlohmann::json& numbers, const at::Tensor& sample) {
  *this = {};
  loss_ = numbers.at("loss");
  distance_ = numbers.at("distance");
  learning_rate_ = numbers.at("learning_rate");
  seconds_ = numbers.at("seconds");
  waited_ = numbers.at("waited");
  steps_ = numbers.at("steps");
  images_ = numbers.at("images");
  for (const auto& [name, value] : numbers.at("log").items()) log_[name] = {value.at(0), value.at(1)};
  if (!sample.defined()) return;
  recent_.push_back(sample);
  recent_rows_ = sample.size(0);
}

}  // namespace winnow
