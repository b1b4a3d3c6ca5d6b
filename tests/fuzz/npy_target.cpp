#include "src/core/error.h"
#include "src/core/npy.h"
#include "tests/fuzz/targets.h"

namespace winnow::fuzz {

int fuzz_npy(const uint8_t* data, size_t size) {
  const MemoryFile file(data, size);
  try {
    const NpyFile array(file.path());
    uint64_t elements = 1;
    for (const int64_t n : array.shape()) elements *= static_cast<uint64_t>(n);
    double sum = 0;
    if (array.dtype() == "<f4") {
      require(array.float32().size() == elements, "the data are as large as the shape says");
      for (const float value : array.float32()) sum += value;
    } else if (array.dtype() == "<f2") {
      require(array.float16().size() == elements, "the data are as large as the shape says");
    } else if (array.dtype() != "<f8") {
      require(array.int64().size() == elements, "the data are as large as the shape says");
    }
    require(array.raw().size() <= size || sum != sum, "the data lie inside the file");
  } catch (const Error& e) {
    require(e.code() == ErrorCode::kData, "a bad array is a data error");
  }
  return 0;
}

}  // namespace winnow::fuzz
