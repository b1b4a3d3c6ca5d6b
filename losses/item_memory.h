#pragma once

#include <ATen/core/Tensor.h>

#include "losses/loss.h"

namespace winnow {

/// Positions in the batch at which each row stands for the last time, ascending: what may be written back where a
/// sampler puts a picture into a batch twice (a scatter with equal indices has no defined order).
/// @param rows  int64 [B]
at::Tensor last_positions(const at::Tensor& rows);

/// @throws Error(kShape) unless rows are int64 [B], Error(kData) unless all are in [0, items)
void require_rows(const char* where, const at::Tensor& rows, int64_t items);

/// Moving average of each training picture's class probabilities, q <- b q + (1 - b) p, q = p at the first visit.
/// Dense (N x C) or the `top` largest entries of each row (N x top), whose lost mass is not made up for.
/// Not thread-safe.
class PredictionMemory {
 public:
  /// @param decay  b in [0, 1)
  /// @param top    entries kept a row; 0 = all
  /// @throws Error(kConfig) without a number of pictures
  PredictionMemory(double decay, int64_t top, const LossContext& context);

  /// Folds p [B, C] into the rows' averages. @return the averages after that, [B, C]
  /// @param first  [B, C], what unseen rows held before; undefined = p, so that q = p at the first visit
  /// @throws Error(kData) for a row outside [0, N)
  at::Tensor update(const at::Tensor& rows, const at::Tensor& p, const at::Tensor& first = {});
  /// What update() would return, without keeping it.
  at::Tensor peek(const at::Tensor& rows, const at::Tensor& p, const at::Tensor& first = {}) const;
  const at::Tensor& seen() const { return seen_; }  ///< bool [N]
  /// The averages as they are, [B, C]; 0 for rows never seen.
  at::Tensor recall(const at::Tensor& rows) const;
  bool sparse() const { return classes_kept_.defined(); }
  LossState state() const;

 private:
  void store(const at::Tensor& rows, const at::Tensor& q);

  double decay_;
  int64_t classes_;
  at::Tensor q_;             // [N, C] or [N, top]
  at::Tensor classes_kept_;  // int32 [N, top] when sparse
  at::Tensor seen_;          // bool [N]
};

/// Entries a row to keep: `wanted`, or where that is 0 all (0) up to 256 MiB, else 5.
int64_t entries_to_keep(int64_t wanted, const LossContext& context);

/// For how many visits in a row a picture has had the same predicted class. Not thread-safe.
class StableChoice {
 public:
  /// @throws Error(kConfig) without a number of pictures
  explicit StableChoice(const LossContext& context);
  /// @return int64 [B], visits in a row with this class, this one included (>= 1)
  /// @throws Error(kData) for a row outside [0, N)
  at::Tensor update(const at::Tensor& rows, const at::Tensor& predicted);
  LossState state() const { return {{"stable.last", last_}, {"stable.visits", visits_}}; }

 private:
  at::Tensor last_, visits_;  // int64 [N]
};

}  // namespace winnow
