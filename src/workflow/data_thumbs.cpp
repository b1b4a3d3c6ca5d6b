#include "src/workflow/data_thumbs.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "src/core/error.h"
#include "src/core/files.h"
#include "src/core/parallel.h"
#include "src/core/progress.h"
#include "src/image/codec.h"

namespace winnow {
namespace {

constexpr int kHealthSide = 128;

float luma(const uint8_t* p) { return 0.299f * p[0] + 0.587f * p[1] + 0.114f * p[2]; }

/// Grey picture whose long side is at most 128, by area average over whole pixels.
struct Grey {
  int width, height;
  std::vector<float> v;
};

Grey small_grey(const Image& image) {
  const int step = std::max(1, (std::max(image.width, image.height) + kHealthSide - 1) / kHealthSide);
  Grey out{std::max(1, image.width / step), std::max(1, image.height / step), {}};
  out.v.resize(static_cast<size_t>(out.width) * static_cast<size_t>(out.height));
  for (int y = 0; y < out.height; ++y)
    for (int x = 0; x < out.width; ++x) {
      float sum = 0;
      int count = 0;
      for (int dy = 0; dy < step && y * step + dy < image.height; ++dy)
        for (int dx = 0; dx < step && x * step + dx < image.width; ++dx, ++count)
          sum += luma(image.at(x * step + dx, y * step + dy));
      out.v[static_cast<size_t>(y * out.width + x)] = sum / static_cast<float>(count);
    }
  return out;
}

double laplacian(const Grey& g) {
  double sum = 0;
  int64_t count = 0;
  for (int y = 1; y + 1 < g.height; ++y)
    for (int x = 1; x + 1 < g.width; ++x, ++count) {
      const auto at = [&](int dx, int dy) { return g.v[static_cast<size_t>((y + dy) * g.width + x + dx)]; };
      const double value = at(-1, 0) + at(1, 0) + at(0, -1) + at(0, 1) - 4.0 * at(0, 0);
      sum += value * value;
    }
  return count > 0 ? std::sqrt(sum / static_cast<double>(count)) : 0;
}

void measure(const Image& image, PictureFacts& facts) {
  facts.width = image.width;
  facts.height = image.height;
  facts.thumb = make_thumb(image);
  const Grey grey = small_grey(image);
  std::vector<float> sorted(grey.v);
  std::sort(sorted.begin(), sorted.end());
  facts.dark = sorted[sorted.size() / 20];
  facts.bright = sorted[sorted.size() - 1 - sorted.size() / 20];
  const double mean = std::accumulate(sorted.begin(), sorted.end(), 0.0) / static_cast<double>(sorted.size());
  double square = 0;
  for (const float v : sorted) square += (v - mean) * (v - mean);
  facts.contrast = std::sqrt(square / static_cast<double>(sorted.size()));
  facts.sharpness = facts.contrast > 0 ? laplacian(grey) / facts.contrast : 0;
}

}  // namespace

Thumb make_thumb(const Image& image) {
  Thumb out{};
  for (int ty = 0; ty < kThumb; ++ty)
    for (int tx = 0; tx < kThumb; ++tx) {
      const int x0 = tx * image.width / kThumb, x1 = std::max(x0 + 1, (tx + 1) * image.width / kThumb);
      const int y0 = ty * image.height / kThumb, y1 = std::max(y0 + 1, (ty + 1) * image.height / kThumb);
      float sum[3] = {};
      for (int y = y0; y < y1; ++y)
        for (int x = x0; x < x1; ++x)
          for (int c = 0; c < 3; ++c) sum[c] += image.at(x, y)[c];
      for (int c = 0; c < 3; ++c)
        out[static_cast<size_t>((ty * kThumb + tx) * 3 + c)] = sum[c] / static_cast<float>((x1 - x0) * (y1 - y0));
    }
  return out;
}

double thumb_difference(const Thumb& a, const Thumb& b) {
  double shift = 0, sum = 0;
  for (size_t i = 0; i < a.size(); ++i) shift += a[i] - b[i];
  shift /= static_cast<double>(a.size());
  for (size_t i = 0; i < a.size(); ++i) sum += std::abs(a[i] - b[i] - shift);
  return sum / static_cast<double>(a.size());
}

std::vector<std::optional<PictureFacts>> picture_facts(const Dataset& dataset, std::vector<std::string>& bad) {
  std::vector<std::optional<PictureFacts>> out(dataset.items.size());
  std::vector<std::string> faults(dataset.items.size());
  Progress progress("pictures", static_cast<int64_t>(out.size()), "pictures");
  parallel_for(static_cast<int64_t>(out.size()), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const auto at = static_cast<size_t>(i);
      const std::string& path = dataset.items[at].path;
      try {
        const auto bytes = dataset.store->read(path);
        PictureFacts facts;
        facts.digest = sha256_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
        measure(decode_image(bytes, path, {.target_short_side = kHealthSide}), facts);
        const ImageHeader header = read_image_header(bytes);
        facts.width = header.width;
        facts.height = header.height;
        out[at] = std::move(facts);
      } catch (const Error& e) {
        faults[at] = e.what();
      }
      progress.add();
    }
  });
  for (const auto& fault : faults)
    if (!fault.empty()) bad.push_back(fault);
  return out;
}

}  // namespace winnow
