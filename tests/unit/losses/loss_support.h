#pragma once

#include <functional>
#include <memory>
#include <string>

#include "losses/loss.h"
#include "src/core/error.h"

namespace winnow::test {

/// 5 classes, 4 dimensions, 20 pictures, double.
LossContext small_context(at::ScalarType dtype = at::kDouble);

/// A batch of random embeddings and labels; raw and z are leaves of their own, rows are distinct (size <= items).
LossBatch random_batch(int64_t size, const LossContext& context, uint64_t seed);

/// The given labels with trust 1.
Targets given_targets(const LossBatch& batch);

using Tweak = std::function<void(Options&)>;
std::unique_ptr<Loss> make_loss(const std::string& name, const LossContext& context, const Tweak& tweak = nullptr);
std::unique_ptr<TargetPolicy> make_policy(const std::string& name, const LossContext& context,
                                          const Tweak& tweak = nullptr);

/// Reduced loss of a batch, 0-d.
at::Tensor reduced(Loss& loss, const LossBatch& batch, const Targets& targets);
/// The values of a loss's first entry.
at::Tensor first_values(Loss& loss, const LossBatch& batch, const Targets& targets);

/// d value / d input by backward; zeros where the value does not depend on it.
at::Tensor gradient(const at::Tensor& value, const at::Tensor& input);
/// d value() / d input by central differences; `input` is changed in place and put back.
at::Tensor central_differences(const std::function<double()>& value, const at::Tensor& input, double step = 1e-5);

double largest_difference(const at::Tensor& a, const at::Tensor& b);
bool same_bits(const at::Tensor& a, const at::Tensor& b);
LossState copy_of(const LossState& state);

/// The code of the Error that `run` throws; fails the test when it throws none.
ErrorCode code_of(const std::function<void()>& run);

}  // namespace winnow::test
