#include "tools/experiments/vector_pictures.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "src/core/error.h"
#include "src/image/codec.h"

namespace winnow::experiments {

std::vector<std::string> write_vector_pictures(const at::Tensor& vectors, double limit, const fs::path& folder,
                                               const std::string& prefix) {
  const auto rows = vectors.contiguous();
  if (rows.dim() != 2 || rows.size(1) > kPictureNumbers)
    throw Error(ErrorCode::kShape, "[experiments] [N, D <= 768] is required");
  make_folder(folder);
  std::vector<std::string> paths;
  for (int64_t i = 0; i < rows.size(0); ++i) {
    Image image(16, 16);
    std::fill(image.pixels.begin(), image.pixels.end(), uint8_t{128});
    const float* row = rows.data_ptr<float>() + i * rows.size(1);
    for (int64_t d = 0; d < rows.size(1); ++d)
      image.pixels[static_cast<size_t>(d)] =
          static_cast<uint8_t>(std::clamp(std::lround(127.5 + 127.5 * row[d] / limit), 0L, 255L));
    char name[32];
    std::snprintf(name, sizeof name, "-%05d.png", static_cast<int>(i));
    const auto bytes = encode_png(image);
    write_file_atomically(folder / (prefix + name),
                          std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    paths.push_back(prefix + name);
  }
  return paths;
}

}  // namespace winnow::experiments
