#include "src/models/backbone.h"

namespace winnow {

const BackboneRegistry& backbone_registry() {
  static const BackboneRegistry registry = [] {
    BackboneRegistry all("backbone");
    register_resnets(all);
    register_small_cnn(all);
    register_mlp(all);
    return all;
  }();
  return registry;
}

const Family& backbone_family() { return backbone_registry(); }

}  // namespace winnow
