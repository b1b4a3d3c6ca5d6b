#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "src/training/trainer.h"

namespace winnow {

/// A line of metrics.jsonl: {"type": "epoch", "epoch", "step", "loss", ..., "log": {}, "validation": {}}. Numbers
/// survive the round trip bit for bit.
nlohmann::ordered_json to_record(const EpochReport& report);
/// @throws nlohmann::json::exception when a field is missing
EpochReport from_record(const nlohmann::json& record);

/// The scalars that TensorBoard shows: train/NAME and val/NAME.
std::map<std::string, double> event_scalars(const EpochReport& report);

/// "epoch 3/10  loss 2.3100  val recall@1 0.4123 map@r 0.2011  128.0 images/s  waited 0.4 %".
std::string epoch_line(const EpochReport& report, int64_t epochs, const std::string& select);

/// Totals of a finished run, without the model folder. @param select decides the best epoch
TrainResult summarise_run(const std::vector<EpochReport>& epochs, const std::string& select);

}  // namespace winnow
