#include "src/workflow/model_exchange.h"

#include <nlohmann/json.hpp>

#include "src/models/safetensors.h"

namespace winnow {

nlohmann::ordered_json model_document(const fs::path& folder) {
  LoadedModel loaded = load_model(folder, false);
  const double error = golden_error(folder, *loaded.model);
  const auto& card = loaded.card;
  nlohmann::ordered_json j = {{"name", card.name},
                              {"backbone", loaded.options.backbone},
                              {"dim", card.dim},
                              {"parameters", loaded.model->parameter_count()},
                              {"gflops_per_image", loaded.model->forward_flops() / 1e9},
                              {"size", loaded.model->preprocessing().size},
                              {"weights_digest", card.weights_digest},
                              {"preprocessing_digest", card.preprocessing_digest},
                              {"licence", card.licence},
                              {"training_data", card.training_data},
                              {"created", card.created},
                              {"winnow", card.winnow_version},
                              {"golden_error", error}};
  for (const auto& [name, value] : card.metrics) j["metrics"][name] = value;
  return j;
}

std::string model_text(const nlohmann::ordered_json& document) {
  std::string out;
  for (const auto& [key, value] : document.items())
    out += key + ": " + (value.is_string() ? value.get<std::string>() : value.dump()) + "\n";
  return out;
}

void import_model(const fs::path& weights, const ModelOptions& options, const Preprocessing& preprocessing,
                  const fs::path& out) {
  auto model = make_model(options, preprocessing, 1);
  load_weights(weights, *model);
  ModelCard card;
  card.name = options.backbone;
  save_model(out, *model, options, card);
}

ExportedWeights export_model(const fs::path& folder, const fs::path& out) {
  LoadedModel loaded = load_model(folder);
  const auto state = loaded.model->state();
  return {write_safetensors(out, state, {{"format", "pt"}}), state.size()};
}

}  // namespace winnow
