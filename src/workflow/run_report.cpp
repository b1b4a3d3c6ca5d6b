#include "src/workflow/run_report.h"

#include <nlohmann/json.hpp>
#include <set>

#include "src/core/error.h"
#include "src/core/json.h"
#include "src/core/text.h"
#include "src/training/records.h"
#include "src/workflow/run_records.h"

namespace winnow {
namespace {

void flatten(const nlohmann::json& value, const std::string& name, std::vector<Fact>& facts) {
  if (value.is_object()) {
    for (const auto& [key, inner] : value.items()) flatten(inner, name.empty() ? key : name + "." + key, facts);
  } else if (value.is_array()) {
    for (size_t i = 0; i < value.size(); ++i) flatten(value[i], name + " " + std::to_string(i + 1), facts);
  } else if (!value.is_null()) {
    facts.push_back({name, value.is_string() ? value.get<std::string>() : value.dump()});
  }
}

}  // namespace

std::vector<TrainEpoch> read_epochs(const fs::path& metrics) {
  std::vector<TrainEpoch> epochs;
  int64_t line_number = 0;
  for (const auto& line : split(read_file(metrics), '\n')) {
    ++line_number;
    if (trim(line).empty()) continue;
    const auto j = nlohmann::json::parse(line, nullptr, false);
    if (!j.is_object())
      throw Error(ErrorCode::kData, "[report] " + metrics.string() + ":" + std::to_string(line_number) +
                                        ": one JSON object a line is required");
    if (j.value("type", "") != "epoch") continue;
    try {
      EpochReport r = from_record(j);
      epochs.push_back({r.epoch, r.loss, r.learning_rate, r.images_per_second, r.wait_share, r.seconds,
                        r.mean_pair_distance, r.embedding_rank, std::move(r.log), std::move(r.validation)});
    } catch (const nlohmann::json::exception& e) {
      throw Error(ErrorCode::kData,
                  "[report] " + metrics.string() + ":" + std::to_string(line_number) + ": " + e.what());
    }
  }
  return epochs;
}

fs::path write_run_report(const fs::path& run) {
  TrainReport report;
  report.name = fs::path(absolute_path(run.string())).filename().string();
  report.epochs = read_epochs(run / "metrics.jsonl");
  if (report.epochs.empty())
    throw Error(ErrorCode::kData, "[report] " + (run / "metrics.jsonl").string() + " holds no finished epoch yet");
  report.config = read_file(run / "config.yaml");
  const auto settings = nlohmann::json::parse(yaml_to_json(run / "config.yaml"));
  report.name = settings.value("name", report.name);
  report.select = settings.value("/training/select"_json_pointer, report.select);
  report.planned_epochs = settings.value("/training/epochs"_json_pointer, int64_t{0});
  flatten(read_json(run / "provenance.json"), "", report.provenance);
  const std::string model = (run / "model").string();
  report.next = {"winnow embed DATA --model " + model + " --out EMB", "winnow index build EMB --out IDX",
                 "winnow query IDX --image PICTURE"};
  const fs::path file = run / "report.html";
  write_train_report(file, report);
  return file;
}

}  // namespace winnow
