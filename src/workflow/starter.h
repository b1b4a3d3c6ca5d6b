#pragma once

#include <string>
#include <vector>

#include "data/dataset.h"

namespace winnow {

/// A recipe for a first training on somebody's own pictures.
struct StarterRecipe {
  std::string yaml;
  int64_t pictures = 0, classes = 0;
  std::vector<std::string> reasons;  ///< why the settings are what they are, one sentence each
};

/// Chooses picture size, backbone, batch and epochs from the collection (a few pictures are opened to see their size).
/// @throws Error(kData) for fewer than two classes or no picture
StarterRecipe starter_recipe(const DataSource& source);

}  // namespace winnow
