#pragma once

#include "losses/margin_head.h"

namespace winnow {

struct NoiseTolerantOptions : MarginOptions {
  double margin = 0.5;
  int64_t window = 1000;
  void visit(OptionVisitor& v) override;
};

/// ArcFace weighted by where a picture's cosine with its label stands in the histogram of all recent ones. The right
/// end of the histogram says how far training is: early all pictures count, then easy (probably right) ones, at last
/// the semi-hard ones right and left of the right peak. Needs no noise rate and no memory of pictures.
/// State: sliding histogram (201 bins of [-1, 1]) of the last `window` batches, and its two peaks, which move by one
/// bin a step. Source: Hu et al., CVPR 2019 (noise-tolerant paradigm), as losses.md 3.2 has it.
class NoiseTolerant : public MarginHead {
 public:
  NoiseTolerant(const NoiseTolerantOptions& options, const LossContext& context);
  /// Keeps the histogram and peaks of the last forward().
  void after_step(const LossBatch& batch, const Targets& targets) override;
  LossState state() override { return {{"ring", ring_}, {"steps", steps_}, {"peaks", peaks_}}; }
  bool robust() const override { return true; }
  /// Twice the mass left of the left peak, where it lies left of 0; 0 when it does not. Of the last forward().
  double noise_rate() const { return rate_; }

 protected:
  void begin(const LossBatch& batch, const at::Tensor& cosine) override;
  at::Tensor target_cosine(const at::Tensor& cosine, const at::Tensor& items) const override;
  at::Tensor row_values(const at::Tensor& cosine, const at::Tensor& labels, const at::Tensor& items) const override;
  bool depends_on_label() const override { return true; }

 private:
  void read(const std::vector<double>& histogram);
  at::Tensor weights(const at::Tensor& cosine) const;

  NoiseTolerantOptions options_;
  at::Tensor ring_;           // float32 [window, 201], a row a batch
  at::Tensor steps_, peaks_;  // 0-d int64, int64 [2] bins of the left and right peak (-1 = not yet)
  at::Tensor pending_row_;    // [201]
  int64_t left_peak_ = -1, right_peak_ = -1;
  double left_end_ = -1, right_end_ = 1, margin_ = 0, rate_ = 0;  // ends as cosines
};

}  // namespace winnow
