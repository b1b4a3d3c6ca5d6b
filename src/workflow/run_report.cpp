#include "src/workflow/run_report.h"

#include <nlohmann/json.hpp>
#include <set>

#include "src/core/error.h"
#include "src/core/json.h"
#include "src/core/text.h"
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
    TrainEpoch e;
    e.epoch = j.value("epoch", int64_t{0});
    e.loss = j.value("loss", 0.0);
    e.learning_rate = j.value("learning_rate", 0.0);
    e.images_per_second = j.value("images_per_second", 0.0);
    e.wait_share = j.value("wait_share", 0.0);
    e.seconds = j.value("seconds", 0.0);
    e.mean_pair_distance = j.value("mean_pair_distance", 0.0);
    e.embedding_rank = j.value("embedding_rank", 0.0);
    e.log = j.value("log", std::map<std::string, double>{});
    e.validation = j.value("validation", std::map<std::string, double>{});
    // A resumed run repeats nothing, but a killed one may have logged an epoch twice: the later line counts.
    std::erase_if(epochs, [&](const TrainEpoch& old) { return old.epoch >= e.epoch; });
    epochs.push_back(std::move(e));
  }
  return epochs;
}

fs::path write_run_report(const fs::path& run) {
  TrainReport report;
  report.name = fs::absolute(run).lexically_normal().filename().string();
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
