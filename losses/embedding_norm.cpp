#include "losses/embedding_norm.h"

#include <ATen/ATen.h>

#include "src/core/error.h"

namespace winnow {

at::Tensor embedding_norms(const char* name, const LossBatch& batch, at::ScalarType dtype) {
  if (!batch.raw.defined())
    throw Error(ErrorCode::kShape, std::string("[") + name + "] raw embeddings are required, got nothing");
  return (batch.raw.to(dtype).square().sum(1) + 1e-12).sqrt();  // the slope at 0 must not be NaN
}

}  // namespace winnow
