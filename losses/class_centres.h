#pragma once

#include <ATen/core/Tensor.h>

#include "losses/loss.h"

namespace winnow {

/// Running class centres: for each class the direction of the weighted sum of its pictures' unit embeddings over about
/// the last epoch. During the first epoch nothing is forgotten; afterwards each new picture of a class of n pictures
/// takes weight/n off what is there, so that a class of which nothing is trusted keeps its centre.
/// Memory: C D values of the context's dtype. Not thread-safe.
class ClassCentres {
 public:
  /// @throws Error(kConfig) without classes or dim
  ClassCentres(const char* owner, const LossContext& context);

  /// @param z  [B, D], unit rows @param labels  int64 [B] @param weights  [B] in [0, 1]
  void add(const at::Tensor& z, const at::Tensor& labels, const at::Tensor& weights);
  /// From now on old pictures are forgotten, at the pace of the classes' sizes so far.
  void end_epoch() { counting_.fill_(false); }

  at::Tensor unit() const;                            ///< [C, D], zero rows where nothing was seen
  at::Tensor seen() const;                            ///< bool [C], has a centre
  const at::Tensor& sizes() const { return sizes_; }  ///< float64 [C], pictures seen in the first epoch
  LossState state() const;

 private:
  at::Tensor sums_;      // [C, D]
  at::Tensor mass_;      // float64 [C], weight behind each sum
  at::Tensor sizes_;     // float64 [C]
  at::Tensor counting_;  // 0-d bool on the CPU: still in the first epoch
};

/// cos(given centre) - best other centre, [B]; -2..2. Classes without a centre do not compete.
/// @param cosine  [B, C] @param seen  bool [C]
at::Tensor centre_margin(const at::Tensor& cosine, const at::Tensor& labels, const at::Tensor& seen);

}  // namespace winnow
