#pragma once

#include "losses/pair_loss.h"

namespace winnow {

struct NPairOptions : PairOptions {
  std::string input = "raw";
  void visit(OptionVisitor& v) override;
};

/// N-pair loss: one positive pair of each class of the batch, its anchor classified among the positives of all classes
/// by softmax over inner products. The pair of a class is its two pictures with the smallest rows. On raw embeddings
/// the paper adds a penalty on their norm: finish.embedding_norm. Source: Sohn, NIPS 2016.
/// pytorch-metric-learning 2.9 normalises first (input: unit), 3.0 does not.
class NPair : public PairLoss {
 public:
  NPair(const NPairOptions& options, const LossContext& context)
      : PairLoss("npair", options, context), options_(options) {}

 protected:
  void add_items(const PairView& view, LossResult& result) override;

 private:
  NPairOptions options_;
};

}  // namespace winnow
