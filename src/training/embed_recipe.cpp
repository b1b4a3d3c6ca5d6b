#include "src/training/embed_recipe.h"

#include <nlohmann/json.hpp>

#include "src/core/error.h"

namespace winnow {

std::string EmbedRecipe::text() const {
  nlohmann::ordered_json j = nlohmann::ordered_json::object();
  if (flip) j["flip"] = true;
  if (!further_scales.empty()) j["scales"] = further_scales;
  if (!pool.kind.empty()) j["pool"] = pool.kind;
  if (pool.kind == "gem") j["p"] = pool.p;
  return j.empty() ? "" : j.dump();
}

EmbedRecipe EmbedRecipe::parse(const std::string& text, const std::string& where) {
  EmbedRecipe out;
  if (text.empty()) return out;
  try {
    const auto j = nlohmann::json::parse(text);
    out.flip = j.value("flip", false);
    out.further_scales = j.value("scales", std::vector<double>());
    out.pool.kind = j.value("pool", "");
    out.pool.p = j.value("p", out.pool.p);
  } catch (const nlohmann::json::exception& e) {
    throw Error(ErrorCode::kData,
                where + ": a recipe of embeddings is required, got '" + text + "' (" + e.what() + ")");
  }
  // What a newer program wrote must not be passed over.
  if (out.text() != text)
    throw Error(ErrorCode::kData, where + ": this program does not know all of the recipe '" + text + "'");
  return out;
}

}  // namespace winnow
