#include "src/workflow/train_text.h"

#include <nlohmann/json.hpp>

#include "src/core/progress.h"
#include "src/core/tables.h"
#include "src/core/text.h"

namespace winnow {

nlohmann::ordered_json cost_document(const CostCard& c) {
  return {{"images", c.images},
          {"classes", c.classes},
          {"steps", c.steps},
          {"parameters", c.parameters},
          {"gflops_per_image", c.gflops_per_image},
          {"seconds_per_step", c.seconds_per_step},
          {"seconds_total", c.seconds_total},
          {"memory_bytes", c.memory_bytes},
          {"disk_bytes", c.disk_bytes},
          {"device", c.device},
          {"precision", c.precision}};
}

std::string cost_text(const CostCard& c, bool measured) {
  return std::to_string(c.images) + " pictures, " + std::to_string(c.classes) + " classes, " + std::to_string(c.steps) +
         " steps on " + c.device + " (" + c.precision + ")\n" + std::to_string(c.parameters) + " weights, " +
         format_number(c.gflops_per_image, 2) + " GFLOP a picture forward\n" + "time about " +
         format_duration(c.seconds_total) + ", memory about " + format_bytes(c.memory_bytes) + ", disk about " +
         format_bytes(c.disk_bytes) + "\n" +
         (measured ? "(measured on a few steps)\n" : "(estimated; --measure times a few real steps)\n");
}

nlohmann::ordered_json training_document(const TrainResult& r, const fs::path& run, const fs::path& report) {
  nlohmann::ordered_json j = {
      {"run", run.string()},       {"model", r.model_folder.string()},         {"epochs", r.epochs.size()},
      {"seconds", r.seconds},      {"images_per_second", r.images_per_second}, {"wait_share", r.wait_share},
      {"best_epoch", r.best_epoch}};
  j["best"] = r.best;
  j["last"] = r.last;
  j["report"] = report.string();
  return j;
}

std::string training_text(const TrainResult& result, const fs::path& report) {
  Table table({"metric", "best epoch", "last epoch"});
  for (const auto& [name, value] : result.last)
    table.add({name, result.best.count(name) ? format_number(result.best.at(name), 4) : "", format_number(value, 4)});
  const std::string model = result.model_folder.string();
  return (result.last.empty() ? std::string() : table.text()) + "trained in " + format_duration(result.seconds) + ", " +
         format_number(result.images_per_second, 1) + " images/s, waited " + format_number(100 * result.wait_share, 1) +
         " % for data\nmodel " + model + "\nreport " + report.string() + "\nnext: winnow embed DATA --model " + model +
         " --out EMB\n";
}

}  // namespace winnow
