#pragma once

#include <ATen/core/Tensor.h>

#include "losses/loss.h"

namespace winnow {

/// First-in first-out bank of detached embeddings with the labels and trust they had when they were stored
/// (cross-batch memory). The order of the entries means nothing. Not thread-safe.
/// Source: Wang et al., CVPR 2020 (XBM).
class MemoryBank {
 public:
  /// @param capacity  entries, >= 1; memory is capacity * (D + 3) floats
  MemoryBank(int64_t capacity, const LossContext& context);

  /// Stores rows of z [B, D] with labels int64 [B] and trust [B]; the oldest make room.
  void push(const at::Tensor& z, const at::Tensor& labels, const at::Tensor& trust);

  int64_t size() const;
  int64_t capacity() const { return z_.size(0); }
  at::Tensor z() const { return z_.narrow(0, 0, size()); }            ///< [size, D]
  at::Tensor labels() const { return labels_.narrow(0, 0, size()); }  ///< int64 [size]
  at::Tensor trust() const { return trust_.narrow(0, 0, size()); }    ///< [size]
  LossState state() const;

 private:
  at::Tensor z_, labels_, trust_;
  at::Tensor pushed_;  // 0-d int64 on the CPU: entries ever stored
};

}  // namespace winnow
