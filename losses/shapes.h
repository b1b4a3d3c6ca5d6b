#pragma once

#include <ATen/core/Tensor.h>

#include <initializer_list>
#include <string>

namespace winnow {

/// "Float [128, 10]", or "nothing" for an undefined tensor; for messages.
std::string describe_tensor(const at::Tensor& tensor);

/// @param where, what  for the message `[where] what must be Long [128], got Long [64]`
/// @throws Error(kShape) unless the tensor has this dtype and shape
void require_shape(const char* where, const char* what, const at::Tensor& tensor, at::ScalarType dtype,
                   std::initializer_list<int64_t> shape);

}  // namespace winnow
