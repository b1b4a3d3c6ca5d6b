#pragma once

#include <string>
#include <vector>

#include "src/models/pool_choice.h"

namespace winnow {

/// What is done beside one plain view of a picture through the network. An embeddings folder and an index record it,
/// and whoever embeds a query for them does the same.
struct EmbedRecipe {
  bool flip = false;                   ///< mean with the mirrored picture
  std::vector<double> further_scales;  ///< mean with the picture at these sizes too, e.g. 0.7071, 0.5
  PoolChoice pool;                     ///< another pooling than the model's own

  /// JSON with fixed names and order; "" for the plain recipe. Equal recipes have equal texts.
  std::string text() const;
  /// @param where  opens messages. @throws Error(kData) for a text that text() does not make
  static EmbedRecipe parse(const std::string& text, const std::string& where);
};

}  // namespace winnow
