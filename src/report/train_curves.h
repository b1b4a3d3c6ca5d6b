#pragma once

#include <functional>
#include <string>
#include <vector>

#include "src/report/train_report.h"

namespace winnow {

/// The epoch with the highest validation value of `report.select`; null when none was validated.
const TrainEpoch* best_epoch(const TrainReport& report);
const TrainEpoch* last_validated(const TrainReport& report);
/// Over all epochs, weighted by their time.
double mean_wait_share(const TrainReport& report);

/// A value over epochs; NaN leaves a gap.
Series epoch_series(const std::string& name, const std::vector<TrainEpoch>& epochs,
                    const std::function<double(const TrainEpoch&)>& value);
/// One series a name; epochs without it are left out.
std::vector<Series> map_series(const std::vector<TrainEpoch>& epochs, std::map<std::string, double> TrainEpoch::*field,
                               const std::vector<std::string>& names);
/// Every name that occurs in the field, sorted.
std::vector<std::string> names_in(const std::vector<TrainEpoch>& epochs,
                                  std::map<std::string, double> TrainEpoch::*field);

}  // namespace winnow
