#include "losses/shapes.h"

#include <ATen/ATen.h>

#include "src/core/error.h"

namespace winnow {
namespace {

std::string describe_shape(at::ScalarType dtype, at::IntArrayRef sizes) {
  std::string out = std::string(at::toString(dtype)) + " [";
  for (size_t i = 0; i < sizes.size(); ++i) out += (i ? ", " : "") + std::to_string(sizes[i]);
  return out + "]";
}

}  // namespace

std::string describe_tensor(const at::Tensor& tensor) {
  return tensor.defined() ? describe_shape(tensor.scalar_type(), tensor.sizes()) : "nothing";
}

void require_shape(const char* where, const char* what, const at::Tensor& tensor, at::ScalarType dtype,
                   std::initializer_list<int64_t> shape) {
  const at::IntArrayRef wanted(shape);
  if (tensor.defined() && tensor.scalar_type() == dtype && tensor.sizes() == wanted) return;
  throw Error(ErrorCode::kShape, std::string("[") + where + "] " + what + " must be " + describe_shape(dtype, wanted) +
                                     ", got " + describe_tensor(tensor));
}

}  // namespace winnow
