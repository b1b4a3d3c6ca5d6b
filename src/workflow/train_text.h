#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "src/training/trainer.h"

namespace winnow {

// What `winnow train` and `winnow plan` print.

nlohmann::ordered_json cost_document(const CostCard& card);
/// @param measured  whether real steps were timed
std::string cost_text(const CostCard& card, bool measured);

nlohmann::ordered_json training_document(const TrainResult& result, const fs::path& run, const fs::path& report);
std::string training_text(const TrainResult& result, const fs::path& report);

}  // namespace winnow
