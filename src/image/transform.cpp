#include "src/image/transform.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "src/core/error.h"
#include "src/image/resample.h"

namespace winnow {
namespace {

constexpr uint8_t kPadGrey = 114;

std::string size_text(int w, int h) { return std::to_string(w) + " x " + std::to_string(h); }

void require_resizable(const Image& source, int width, int height, const Box& box) {
  if (width < 1 || height < 1) {
    throw Error(ErrorCode::kShape, "[resize] the target must be at least 1 x 1, got " + size_text(width, height));
  }
  const bool inside = box.x0 >= 0 && box.y0 >= 0 && box.x1 <= source.width && box.y1 <= source.height;
  if (!inside || !(box.x1 > box.x0) || !(box.y1 > box.y0)) {
    throw Error(ErrorCode::kShape, "[resize] the box must be a region of the " +
                                       size_text(source.width, source.height) + " picture, got (" +
                                       std::to_string(box.x0) + ", " + std::to_string(box.y0) + ", " +
                                       std::to_string(box.x1) + ", " + std::to_string(box.y1) + ")");
  }
}

bool is_identity(int size, double begin, double end, int out) { return size == out && begin == 0 && end == size; }

size_t row_bytes(int width) { return static_cast<size_t>(width) * 3; }

/// Rows [first, last) of the picture, each resampled along x, with kRowSlack bytes after each row.
void resample_row_range(const Image& source, int first, int last, const AxisWeights& weights, uint8_t* destination,
                        size_t stride) {
  const size_t in_stride = row_bytes(source.width);
  const auto pass = fastest_passes().rows;
  const int inner = std::min(last, source.height - 1);
  if (inner > first) pass({source.at(0, first), source.width, inner - first, in_stride}, weights, destination, stride);
  if (last < source.height) return;
  // The picture ends with its last row, so the pass reads a padded copy of it.
  thread_local std::vector<uint8_t> padded;
  padded.resize(in_stride + kRowSlack);
  std::memcpy(padded.data(), source.at(0, source.height - 1), in_stride);
  pass({padded.data(), source.width, 1, in_stride}, weights, destination + (last - 1 - first) * stride, stride);
}

}  // namespace

Image resize(const Image& source, int width, int height, const Box& box, Filter filter) {
  require_resizable(source, width, height, box);
  const bool keep_columns = is_identity(source.width, box.x0, box.x1, width);
  const bool keep_rows = is_identity(source.height, box.y0, box.y1, height);
  if (keep_columns && keep_rows) return source;

  Image result(width, height);
  AxisWeights rows;
  if (!keep_rows) rows = axis_weights(source.height, box.y0, box.y1, height, filter);
  const auto mix = fastest_passes().columns;
  if (keep_columns) {
    mix({source.pixels.data(), width, source.height, row_bytes(width)}, 0, rows, result.pixels.data(),
        row_bytes(width));
    return result;
  }
  const int first = keep_rows ? 0 : rows.first.front();
  const int last = keep_rows ? height : rows.first.back() + rows.taps;
  const AxisWeights columns = axis_weights(source.width, box.x0, box.x1, width, filter);
  const size_t stride = row_bytes(width) + kRowSlack;
  // Reused by the thread: a decode worker resizes thousands of pictures of like size.
  thread_local std::vector<uint8_t> middle;
  middle.resize(stride * (last - first));
  resample_row_range(source, first, last, columns, middle.data(), stride);
  if (keep_rows) {
    for (int y = 0; y < height; ++y) std::memcpy(result.at(0, y), middle.data() + y * stride, row_bytes(width));
  } else {
    mix({middle.data(), width, last - first, stride}, first, rows, result.pixels.data(), row_bytes(width));
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
  for (int y = 0; y < height; ++y) std::memcpy(result.at(left, top + y), inner.at(0, y), row_bytes(width));
  return result;
}

Image crop(const Image& source, int x, int y, int width, int height) {
  if (x < 0 || y < 0 || width < 1 || height < 1 || x > source.width - width || y > source.height - height) {
    throw Error(ErrorCode::kShape, "[crop] the region must lie inside the " + size_text(source.width, source.height) +
                                       " picture, got " + size_text(width, height) + " at (" + std::to_string(x) +
                                       ", " + std::to_string(y) + ")");
  }
  Image result(width, height);
  for (int row = 0; row < height; ++row) std::memcpy(result.at(0, row), source.at(x, y + row), row_bytes(width));
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
