#include "losses/normalized_softmax.h"

namespace winnow {

void NormalizedSoftmaxOptions::visit(OptionVisitor& v) {
  v.number("scale", scale, 0.01, 1000.0, "factor on the cosines, 1 / temperature");
}

}  // namespace winnow
