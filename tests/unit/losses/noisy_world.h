#pragma once

#include <ATen/ATen.h>

#include "src/core/random.h"
#include "tests/unit/losses/loss_support.h"

namespace winnow::test {

/// 8 classes of 40 pictures around orthogonal directions; every `wrong`-th picture of a class has another class's
/// label.
struct NoisyWorld {
  LossContext context = small_context();
  at::Tensor z, labels, truth;
  explicit NoisyWorld(int64_t wrong, double noise = 0.15) {
    context.classes = context.dim = 8;
    context.items = 320;
    context.steps_per_epoch = 10;
    truth = at::arange(320, at::kLong).remainder(8);
    labels = truth.clone();
    Random random(3, "world");
    z = at::eye(8, at::kDouble).index_select(0, truth);
    for (int64_t i = 0; i < 320; ++i) {
      for (int64_t d = 0; d < 8; ++d) z[i][d] += noise * random.normal();
      if (const int64_t nth = i / 8; wrong > 0 && nth % wrong == 0) labels[i] = (truth[i] + 1 + (nth / wrong) % 7) % 8;
    }
    z = z / z.norm(2, 1, true);
  }
  LossBatch batch(int64_t step) const {
    LossBatch b;
    b.rows = at::arange(32, at::kLong) + 32 * (step % 10);
    b.z = z.index_select(0, b.rows);
    b.raw = b.z;
    b.labels = labels.index_select(0, b.rows);
    b.step = step;
    b.epoch = step / 10;
    return b;
  }
  /// Scores a classifier would give: 8 z.
  void run(TrustEstimator& estimator, int64_t from, int64_t to) const {
    for (int64_t step = from; step < to; ++step) {
      const auto b = batch(step);
      estimator.judge(b);
      estimator.observe(b, 8 * b.z);
      if (step % 10 == 9) estimator.end_epoch(step / 10);
    }
  }
};

}  // namespace winnow::test
