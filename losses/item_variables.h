#pragma once

#include <ATen/core/Tensor.h>

#include "losses/loss.h"

namespace winnow {

/// A table [N, ...] whose rows are trained by plain gradient descent, a few at a step: rows are handed out as a leaf of
/// the step's graph, and after the backward pass step() moves them against the gradient they got. Not thread-safe.
class ItemVariables {
 public:
  /// @param values  [N, ...], the live table
  explicit ItemVariables(at::Tensor values) : values_(std::move(values)) {}
  /// @param rows  int64 [B]. @return [B, ...], a leaf that asks for its gradient
  at::Tensor take(const at::Tensor& rows);
  /// The same for rows whose values of now are given instead of stored.
  at::Tensor take(const at::Tensor& rows, const at::Tensor& now);
  /// values[rows] = taken - rate * gradient; a row that stands twice in the batch moves by both. Nothing happens when
  /// no gradient came.
  /// @return true when rows were moved
  bool step(double rate);
  const at::Tensor& values() const { return values_; }
  const at::Tensor& rows() const { return rows_; }

 private:
  at::Tensor values_, rows_, taken_;
};

/// @throws Error(kConfig) unless a value for each picture and class (N x C) fits 4 GiB, and N >= 1
void require_item_class_memory(const char* name, const LossContext& context);

}  // namespace winnow
