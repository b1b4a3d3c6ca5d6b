#include "src/image/transform.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "src/core/error.h"
#include "src/image/resample.h"

namespace winnow {
namespace {

constexpr uint8_t kPadGrey = 114;
/// Bytes after a row that the vector stores of the horizontal pass may touch.
constexpr size_t kRowSlack = 16;

std::string size_text(int w, int h) { return std::to_string(w) + " x " + std::to_string(h); }

void require_resizable(const Image& source, int width, int height, const Box& box) {
  if (width < 1 || height < 1) {
    throw Error(ErrorCode::kShape, "[resize] the target must be at least 1 x 1, got " + size_text(width, height));
  }
  const bool inside = box.x0 >= 0 && box.y0 >= 0 && box.x1 <= source.width && box.y1 <= source.height;
  if (!inside || !(box.x1 > box.x0) || !(box.y1 > box.y0)) {
    throw Error(ErrorCode::kShape, "[resize] the box must be a region of the " + size_text(source.width, source.height) + " picture, got (" +
                    std::to_string(box.x0) + ", " + std::to_string(box.y0) + ", " + std::to_string(box.x1) + ", " +
                    std::to_string(box.y1) + ")");
  }
}

bool is_identity(int size, double begin, double end, int out) { return size == out && begin == 0 && end == size; }

}  // namespace

Image resize(const Image& source, int width, int height, const Box& box, Filter filter) {
  require_resizable(source, width, height, box);
  const bool keep_columns = is_identity(source.width, box.x0, box.x1, width);
  const bool keep_rows = is_identity(source.height, box.y0, box.y1, height);
  if (keep_columns && keep_rows) return source;

  Image result(width, height);
  const size_t out_stride = static_cast<size_t>(width) * 3, in_stride = static_cast<size_t>(source.width) * 3;
  const AxisWeights rows = axis_weights(source.height, box.y0, box.y1, height, filter);
  if (keep_columns) {
    resample_columns(source.pixels.data(), in_stride, width, 0, rows, result.pixels.data(), out_stride);
    return result;
  }
  const AxisWeights columns = axis_weights(source.width, box.x0, box.x1, width, filter);
  const int first_row = keep_rows ? 0 : rows.first.front();
  const int last_row = keep_rows ? source.height : rows.first.back() + rows.count.back();
  const size_t stride = out_stride + kRowSlack;
  // Reused by the thread: a decode worker resizes thousands of pictures of like size.
  thread_local std::vector<uint8_t> middle;
  middle.resize(stride * (last_row - first_row));
  const Plane part{source.pixels.data() + first_row * in_stride, source.width, source.height - first_row, in_stride};
  resample_rows(part, last_row - first_row, columns, middle.data(), stride);
  if (keep_rows) {
    for (int y = 0; y < height; ++y) std::memcpy(result.at(0, y), middle.data() + y * stride, out_stride);
  } else {
    resample_columns(middle.data(), stride, width, first_row, rows, result.pixels.data(), out_stride);
  }
  return result;
}

Image resize(const Image& source, int width, int height, Filter filter) {
  return resize(source, width, height, {0, 0, double(source.width), double(source.height)}, filter);
}

Image center_view(const Image& source, int crop_size, double crop_ratio, Filter filter) {
  if (!(crop_ratio > 0) || crop_ratio > 1) {
    throw Error(ErrorCode::kUsage, "[center_view] crop_ratio must be in (0, 1], got " + std::to_string(crop_ratio));
  }
  const double side = std::min(source.width, source.height) * crop_ratio;
  const double x0 = (source.width - side) / 2, y0 = (source.height - side) / 2;
  const Box box{x0, y0, std::min<double>(x0 + side, source.width), std::min<double>(y0 + side, source.height)};
  return resize(source, crop_size, crop_size, box, filter);
}

Image pad_view(const Image& source, int size, Filter filter) {
  const double scale = double(size) / std::max(source.width, source.height);
  const int width = std::clamp(static_cast<int>(std::lround(source.width * scale)), 1, size);
  const int height = std::clamp(static_cast<int>(std::lround(source.height * scale)), 1, size);
  const Image inner = resize(source, width, height, filter);
  Image result(size, size);
  std::fill(result.pixels.begin(), result.pixels.end(), kPadGrey);
  const int left = (size - width) / 2, top = (size - height) / 2;
  for (int y = 0; y < height; ++y) std::memcpy(result.at(left, top + y), inner.at(0, y), size_t(width) * 3);
  return result;
}

Image crop(const Image& source, int x, int y, int width, int height) {
  if (x < 0 || y < 0 || width < 1 || height < 1 || x > source.width - width || y > source.height - height) {
    throw Error(ErrorCode::kShape, "[crop] the region must lie inside the " + size_text(source.width, source.height) + " picture, got " +
                    size_text(width, height) + " at (" + std::to_string(x) + ", " + std::to_string(y) + ")");
  }
  Image result(width, height);
  for (int row = 0; row < height; ++row) std::memcpy(result.at(0, row), source.at(x, y + row), size_t(width) * 3);
  return result;
}

void flip_horizontally(Image& image) {
  for (int y = 0; y < image.height; ++y) {
    uint8_t* left = image.at(0, y);
    uint8_t* right = image.at(0, y) + size_t(image.width - 1) * 3;
    for (; left < right; left += 3, right -= 3) std::swap_ranges(left, left + 3, right);
  }
}

Image fit_within(const Image& source, int side) {
  const int longest = std::max(source.width, source.height);
  if (longest <= side) return source;
  const double scale = double(side) / longest;
  return resize(source, std::max(1, static_cast<int>(std::lround(source.width * scale))),
                std::max(1, static_cast<int>(std::lround(source.height * scale))));
}

}  // namespace winnow
