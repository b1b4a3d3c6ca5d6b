#include "src/image/codec.h"

#include <algorithm>
#include <mutex>
#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "src/core/base64.h"
#include "src/core/error.h"
#include "src/image/container.h"
#include "src/image/jpeg_decoder.h"
#include "src/image/orientation.h"
#include "src/image/transform.h"

namespace winnow {
namespace {

/// A reduced JPEG must keep this much more than the resize needs, so that the filter still has something to average.
constexpr double kReducedMargin = 1.15;

int print_nothing(int, const char*, const char*, const char*, int, void*) { return 0; }

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return text;
}

int reduced_denominator(const ImageHeader& header, int target_short_side) {
  if (target_short_side <= 0) return 1;
  const int shorter = std::min(header.width, header.height);
  for (const int denominator : {8, 4, 2}) {
    const int decoded = (shorter + denominator - 1) / denominator;
    if (decoded >= kReducedMargin * target_short_side) return denominator;
  }
  return 1;
}

void require_decodable(const Container& container, const DecodeOptions& options) {
  const ImageHeader& header = container.header;
  if (static_cast<int64_t>(header.width) * header.height > options.max_pixels) {
    throw Error(ErrorCode::kData, "the header claims " + std::to_string(header.width) + " x " +
                                      std::to_string(header.height) + " pixels, at most " +
                                      std::to_string(options.max_pixels) + " are allowed");
  }
  if (header.format == "gif") {
    throw Error(ErrorCode::kData, "GIF is not supported, convert the picture to PNG or JPEG");
  }
  if (!container.fault.empty()) {
    throw Error(ErrorCode::kData, "truncated or corrupt " + upper(header.format) + ": " + container.fault);
  }
  if (header.format == "jpeg" && container.bits != 8) {
    throw Error(ErrorCode::kData, "JPEG samples must have 8 bits, these have " + std::to_string(container.bits));
  }
}

/// Composes over white: c' = a c + (1 - a) 255.
void drop_alpha(cv::Mat& bgra) {
  cv::Mat bgr(bgra.rows, bgra.cols, CV_8UC3);
  for (int y = 0; y < bgra.rows; ++y) {
    const uint8_t* in = bgra.ptr(y);
    uint8_t* out = bgr.ptr(y);
    for (int x = 0; x < bgra.cols; ++x, in += 4, out += 3) {
      for (int c = 0; c < 3; ++c) out[c] = static_cast<uint8_t>((in[c] * in[3] + 255 * (255 - in[3]) + 127) / 255);
    }
  }
  bgra = bgr;
}

Image to_rgb(cv::Mat& pixels) {
  if (pixels.depth() == CV_16U) {
    pixels.convertTo(pixels, CV_8U, 1.0 / 257);
  } else if (pixels.depth() != CV_8U) {
    throw Error(ErrorCode::kData, "samples must be 8-bit or 16-bit integers");
  }
  if (pixels.channels() == 4) drop_alpha(pixels);
  if (pixels.channels() != 1 && pixels.channels() != 3) {
    throw Error(ErrorCode::kData, "the picture must have 1, 3 or 4 channels, has " + std::to_string(pixels.channels()));
  }
  Image image(pixels.cols, pixels.rows);
  cv::Mat target(pixels.rows, pixels.cols, CV_8UC3, image.pixels.data());
  cv::cvtColor(pixels, target, pixels.channels() == 1 ? cv::COLOR_GRAY2RGB : cv::COLOR_BGR2RGB);
  return image;
}

Image decode_with_opencv(std::span<const std::byte> bytes, const std::string& format) {
  std::vector<std::byte> essential;
  if (format == "png") bytes = essential = essential_png(bytes);
  const cv::Mat source(1, static_cast<int>(bytes.size()), CV_8UC1, const_cast<std::byte*>(bytes.data()));
  // 32-bit BMP keeps padding, not alpha, in its fourth byte.
  cv::Mat decoded = cv::imdecode(source, format == "bmp" ? cv::IMREAD_COLOR : cv::IMREAD_UNCHANGED);
  if (decoded.empty()) throw Error(ErrorCode::kData, "truncated or corrupt " + upper(format));
  return to_rgb(decoded);
}

cv::Mat to_bgr(const Image& image) {
  if (image.width < 1 || image.height < 1) {
    throw Error(ErrorCode::kShape, "[encode] a picture must have at least one pixel, got " +
                                       std::to_string(image.width) + " x " + std::to_string(image.height));
  }
  const cv::Mat rgb(image.height, image.width, CV_8UC3, const_cast<uint8_t*>(image.pixels.data()));
  cv::Mat bgr;
  cv::cvtColor(rgb, bgr, cv::COLOR_RGB2BGR);
  return bgr;
}

std::vector<std::byte> encode(const Image& image, const char* extension, const std::vector<int>& parameters) {
  init_image_threads();
  std::vector<uint8_t> encoded;
  if (!cv::imencode(extension, to_bgr(image), encoded, parameters)) {
    throw Error(ErrorCode::kInternal, std::string("[encode] OpenCV could not write ") + extension);
  }
  const auto* begin = reinterpret_cast<const std::byte*>(encoded.data());
  return {begin, begin + encoded.size()};
}

}  // namespace

void init_image_threads() {
  static std::once_flag once;
  std::call_once(once, [] {
    cv::setNumThreads(0);
    cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
    cv::redirectError(print_nothing);
  });
}

Image decode_image(std::span<const std::byte> bytes, const std::string& name, const DecodeOptions& options) {
  init_image_threads();
  std::string format = "picture";
  try {
    const Container container = read_container(bytes);
    format = upper(container.header.format);
    require_decodable(container, options);
    if (container.header.format == "jpeg") {
      Image image = decode_jpeg(bytes, reduced_denominator(container.header, options.target_short_side));
      return apply_orientation(std::move(image), container.header.orientation);
    }
    Image image = decode_with_opencv(bytes, container.header.format);
    // OpenCV turns TIFF by itself, whatever the flags.
    return container.header.format == "tiff" ? image
                                             : apply_orientation(std::move(image), container.header.orientation);
  } catch (const cv::Exception& error) {
    throw Error(ErrorCode::kData, name + ": truncated or corrupt " + format + " (" + error.err + ")");
  } catch (const Error& error) {
    throw Error(error.code(), name + ": " + error.what());
  }
}

std::vector<std::byte> encode_jpeg(const Image& image, int quality) {
  return encode(image, ".jpg", {cv::IMWRITE_JPEG_QUALITY, std::clamp(quality, 1, 100)});
}

std::vector<std::byte> encode_png(const Image& image) { return encode(image, ".png", {}); }

std::string thumbnail_data_uri(const Image& image, int side, int quality) {
  return "data:image/jpeg;base64," + encode_base64(encode_jpeg(fit_within(image, side), quality));
}

}  // namespace winnow
