#include "src/training/records.h"

#include <nlohmann/json.hpp>

#include "src/core/tables.h"

namespace winnow {

nlohmann::ordered_json to_record(const EpochReport& r) {
  return {{"type", "epoch"},
          {"epoch", r.epoch},
          {"step", r.step},
          {"loss", r.loss},
          {"learning_rate", r.learning_rate},
          {"images_per_second", r.images_per_second},
          {"wait_share", r.wait_share},
          {"seconds", r.seconds},
          {"mean_pair_distance", r.mean_pair_distance},
          {"embedding_rank", r.embedding_rank},
          {"log", r.log},
          {"validation", r.validation}};
}

EpochReport from_record(const nlohmann::json& j) {
  EpochReport r;
  r.epoch = j.at("epoch");
  r.step = j.at("step");
  r.loss = j.at("loss");
  r.learning_rate = j.at("learning_rate");
  r.images_per_second = j.at("images_per_second");
  r.wait_share = j.at("wait_share");
  r.seconds = j.at("seconds");
  r.mean_pair_distance = j.at("mean_pair_distance");
  r.embedding_rank = j.at("embedding_rank");
  r.log = j.at("log").get<std::map<std::string, double>>();
  r.validation = j.at("validation").get<std::map<std::string, double>>();
  return r;
}

std::map<std::string, double> event_scalars(const EpochReport& r) {
  std::map<std::string, double> out = {{"train/loss", r.loss},
                                       {"train/learning_rate", r.learning_rate},
                                       {"train/images_per_second", r.images_per_second},
                                       {"train/wait_share", r.wait_share},
                                       {"train/mean_pair_distance", r.mean_pair_distance},
                                       {"train/embedding_rank", r.embedding_rank}};
  for (const auto& [name, value] : r.log) out["train/" + name] = value;
  for (const auto& [name, value] : r.validation) out["val/" + name] = value;
  return out;
}

std::string epoch_line(const EpochReport& r, int64_t epochs, const std::string& select) {
  std::string line =
      "epoch " + std::to_string(r.epoch) + "/" + std::to_string(epochs) + "  loss " + format_number(r.loss, 4);
  const std::string shown[] = {"recall@1", select == "recall@1" ? "map@r" : select};
  for (const auto& name : shown)
    if (const auto found = r.validation.find(name); found != r.validation.end())
      line += "  val " + name + " " + format_number(found->second, 4);
  return line + "  " + format_number(r.images_per_second, 1) + " images/s  waited " +
         format_number(100 * r.wait_share, 1) + " %";
}

TrainResult summarise_run(const std::vector<EpochReport>& epochs, const std::string& select) {
  TrainResult out;
  out.epochs = epochs;
  double per_image = 0, waited = 0, best = 0;
  for (const auto& r : epochs) {
    out.seconds += r.seconds;
    // Epochs have equally many images, so times add up as seconds an image.
    if (r.images_per_second > 0) {
      per_image += 1 / r.images_per_second;
      waited += r.wait_share / r.images_per_second;
    }
    const auto value = r.validation.find(select);
    if (value == r.validation.end()) continue;
    out.last = r.validation;
    if (out.best_epoch >= 0 && value->second <= best) continue;
    best = value->second;
    out.best = r.validation;
    out.best_epoch = r.epoch;
  }
  if (per_image > 0) {
    out.images_per_second = static_cast<double>(epochs.size()) / per_image;
    out.wait_share = waited / per_image;
  }
  return out;
}

}  // namespace winnow
