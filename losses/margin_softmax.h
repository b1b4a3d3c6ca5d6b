#pragma once

#include <ATen/core/Tensor.h>

#include "losses/loss.h"

namespace winnow {

/// log sum_{j != k} e^{o_j} for every k, [B, C], without cancellation.
at::Tensor log_sum_of_others(const at::Tensor& logits);

/// Softmax loss whose target score is replaced: -log e^{m_y} / (e^{m_y} + sum_{j != y} e^{o_j}) for each item,
/// or for a soft target q the expectation sum_k q_k loss(k); O(B C) for both.
/// @param logits  [B, C], scores without margin
/// @param margin  [B, C], what score (i, k) becomes when k is the target
/// @return [B]
at::Tensor expected_margin_softmax(const at::Tensor& logits, const at::Tensor& margin, const at::Tensor& soft);

/// @param margin  [B], what the score of the label becomes
at::Tensor label_margin_softmax(const at::Tensor& logits, const at::Tensor& margin, const at::Tensor& labels);

}  // namespace winnow
