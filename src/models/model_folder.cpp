#include <algorithm>
#include <chrono>
#include <cmath>

#include "src/core/clock.h"
#include "src/core/error.h"
#include "src/core/tables.h"
#include "src/models/card_file.h"
#include "src/models/network.h"
#include "src/models/safetensors.h"
#include "src/models/weights.h"

namespace winnow {
namespace {

constexpr double kGoldenTolerance = 1e-4;

std::vector<GoldenPair> make_golden(EmbeddingModel& model) {
  std::vector<GoldenPair> golden;
  const auto pictures = golden_pictures(model.preprocessing().size);
  const auto vectors = embed_golden(model, pictures);
  for (size_t i = 0; i < pictures.size(); ++i) {
    if (!std::all_of(vectors[i].begin(), vectors[i].end(), [](float x) { return std::isfinite(x); }))
      throw Error(ErrorCode::kNumeric,
                  "[model] not saved: the embedding of golden picture " + std::to_string(i) + " is not finite");
    golden.push_back({pictures[i], vectors[i]});
  }
  return golden;
}

void fill_from_folder(const fs::path& folder, const std::string& wanted_digest, Network& model) {
  const fs::path weights = folder / kWeightsFile;
  if (!fs::exists(weights)) throw Error(ErrorCode::kNotFound, "[model] " + weights.string() + " does not exist");
  const std::string digest = sha256_file(weights);
  if (digest != wanted_digest)
    throw Error(ErrorCode::kData, "[model] " + weights.string() + ": SHA-256 must be " + wanted_digest + " (" +
                                      kCardFile + "), is " + digest +
                                      ": the file was changed, or a save was cut short");
  const NamedTensors given = read_safetensors(weights), wanted = model.state();
  WeightsDiff diff = compare_state(given, wanted);
  diff.faults.insert(diff.faults.end(), diff.absent_head.begin(), diff.absent_head.end());
  if (!diff.faults.empty())
    throw Error(ErrorCode::kData, "[model] " + weights.string() + " does not fit its card: " + summary(diff.faults));
  copy_state(given, wanted);
}

}  // namespace

void save_model(const fs::path& folder, EmbeddingModel& model, const ModelOptions& options, ModelCard card) {
  if (model.parameters().empty())
    throw Error(ErrorCode::kInternal, "[model] a fused network cannot be saved; save the one it was made from");
  make_folder(folder);
  CardFile file;
  file.golden = make_golden(model);
  file.options = options;
  file.preprocessing = model.preprocessing();
  file.parameters = model.parameter_count();
  file.forward_gflops = model.forward_flops() * 1e-9;
  file.card = std::move(card);
  file.card.dim = model.dim();
  file.card.preprocessing_digest = model.preprocessing().digest();
  if (file.card.created.empty()) file.card.created = utc_now();
  if (file.card.winnow_version.empty()) file.card.winnow_version = WINNOW_VERSION;
  file.card.weights_digest = write_safetensors(folder / kWeightsFile, model.state(), {{"format", "pt"}});
  write_card_file(folder, file);
}

LoadedModel load_model(const fs::path& folder, bool check_golden) {
  CardFile file = read_card_file(folder, check_golden);
  auto model = make_network(file.options, file.preprocessing, Initializer("none", 0));
  if (model->dim() != file.card.dim)
    throw Error(ErrorCode::kData, "[model] " + (folder / kCardFile).string() + ": dim must be " +
                                      std::to_string(model->dim()) + ", got " + std::to_string(file.card.dim));
  fill_from_folder(folder, file.card.weights_digest, *model);
  model->train(false);
  const double distance = check_golden ? golden_distance(*model, file.golden) : 0.0;
  if (distance > kGoldenTolerance)
    throw Error(ErrorCode::kMismatch,
                "[model] " + folder.string() + ": golden pictures must embed as when the model was " +
                    "saved (cosine >= 0.9999), the worst has " + format_number(1.0 - distance, 6) +
                    ": another winnow or LibTorch, or a broken one (saved by winnow " + file.card.winnow_version + ")");
  return {std::move(model), std::move(file.options), std::move(file.card)};
}

ModelCard read_model_card(const fs::path& folder) { return read_card_file(folder, false).card; }

double golden_error(const fs::path& folder, EmbeddingModel& model) {
  return golden_distance(model, read_card_file(folder, true).golden);
}

}  // namespace winnow
