#pragma once

#include <map>
#include <string>
#include <vector>

#include "src/config/document.h"
#include "src/config/options.h"
#include "src/config/reader.h"

namespace winnow::config {

/// What reading the layers of a configuration gathers.
struct LayerState {
  Faults& faults;
  Origins& origins;
  std::map<std::string, Place> group_places;  ///< dotted key of a group -> where it was last set
  std::vector<std::string> known_keys;        ///< every dotted key of the table, for did-you-mean
};

/// Writes the values of one parsed text over those in `root`. A null document sets nothing.
void read_layer(LayerState& state, const Node& document, Options& root);

}  // namespace winnow::config
