#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "losses/loss.h"
#include "src/training/config.h"

namespace winnow {

/// How the pictures of a batch are mixed with one another: picture i keeps `share` of itself and takes the rest from
/// picture partner[i].
struct Mix {
  double share = 1;                                  ///< in [0.5, 1]; 1 = nothing is mixed
  std::vector<int64_t> partner;                      ///< a permutation of the batch; empty = nothing is mixed
  bool cut = false;                                  ///< a box is pasted (cutmix) instead of blending (mixup)
  int64_t top = 0, left = 0, height = 0, width = 0;  ///< of the box, in pixels
};

/// The mix of a step: a pure function of (seed, step). With mixup and cutmix both on, each has every second step by
/// lot. share = max(l, 1 - l), l ~ Beta(a, a): the pair (i, j) is as likely as (j, i), so only the order changes.
/// Sources: Zhang et al., ICLR 2018 (mixup); Yun et al., ICCV 2019 (cutmix).
Mix draw_mix(const TrainingOptions& options, int64_t batch, int64_t height, int64_t width, int64_t step);

/// Mixup alone, with a stream of its own: a pure function of (seed, stream, step).
Mix draw_mixup(double alpha, uint64_t seed, const char* stream, int64_t batch, int64_t step);

/// @param images  uint8 [B, H, W, 3] @return a new tensor of the same kind, or `images` itself when nothing is mixed
at::Tensor mix_images(const at::Tensor& images, const Mix& mix);

/// The targets of mixed pictures: with one-hot or soft labels q and weights t, weight w_i = s t_i + (1 - s) t_j and
/// soft label (s t_i q_i + (1 - s) t_j q_j) / w_i, so that weight times cross entropy is the mix of both losses.
Targets mix_targets(const Targets& targets, const Mix& mix, int64_t classes);

}  // namespace winnow
