#pragma once

#include <ATen/core/Tensor.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "src/core/error.h"
#include "src/models/model.h"

namespace winnow::test {

/// uint8 [batch, side, side, 3], value i = (i * 2654435761 mod 2^32) / 2^24: every byte value, no structure. The same
/// formula stands in peer.py.
at::Tensor sample_pictures(int64_t batch, int64_t side);

/// Sets every tensor of the state from its place and size alone (formula in peer.py), so that golden numbers need no
/// weights file.
void fill_by_formula(EmbeddingModel& model);

ModelOptions model_options(const std::string& backbone, const std::string& head = "linear",
                           const std::string& pool = "avg", const std::string& stem = "standard");
Preprocessing preprocessing_of(int size);

/// Largest absolute difference, infinite when shapes differ or a value is not finite.
double distance(const at::Tensor& a, const at::Tensor& b);

/// Runs the action, which must throw winnow::Error. @return its code and, in `message`, its text
ErrorCode code_of(const std::function<void()>& action, std::string* message = nullptr);

}  // namespace winnow::test
