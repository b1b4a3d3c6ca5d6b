#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "src/models/model.h"

namespace winnow {

// What `winnow model` and `winnow weights` do with model folders and safetensors files.

/// Card, cost and golden test of a model folder. Call init_torch_threads() before. @throws what load_model throws
nlohmann::ordered_json model_document(const fs::path& folder);
/// The same, a line a key.
std::string model_text(const nlohmann::ordered_json& document);

/// A model folder from a safetensors file. @throws what make_model, load_weights and save_model throw
void import_model(const fs::path& weights, const ModelOptions& options, const Preprocessing& preprocessing,
                  const fs::path& out);

struct ExportedWeights {
  std::string digest;  ///< SHA-256 of the file
  size_t tensors = 0;
};
/// The weights of a model folder with torchvision key names. @throws what load_model throws
ExportedWeights export_model(const fs::path& folder, const fs::path& out);

}  // namespace winnow
