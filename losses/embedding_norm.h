#pragma once

#include <ATen/core/Tensor.h>

#include "losses/loss.h"

namespace winnow {

/// L2 norms of the raw embeddings [B], in the dtype given. @throws Error(kShape) when the batch has none
at::Tensor embedding_norms(const char* name, const LossBatch& batch, at::ScalarType dtype);

}  // namespace winnow
