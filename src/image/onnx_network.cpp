#include "src/image/onnx_network.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>

#include "src/core/error.h"
#include "src/core/parallel.h"
#include "src/core/text.h"
#include "src/image/codec.h"

namespace winnow {

const std::vector<PixelRule>& pixel_rules() {
  static const std::vector<PixelRule> rules = {
      {"raw", true, 0, 1, "networks that scale in the graph (MXNet zoo, MobileFaceNet)"},
      {"arcface", true, 127.5, 1 / 127.5, "arcface_torch, CurricularFace, CVLface"},
      {"arcface128", true, 127.5, 1 / 128.0, "ArcFace paper, ONNX zoo"},
      {"adaface", false, 127.5, 1 / 127.5, "AdaFace"},
      {"magface", false, 0, 1 / 255.0, "MagFace"},
      {"facexzoo", false, 127.5, 1 / 128.0, "FaceX-Zoo, SphereFace"}};
  return rules;
}

const PixelRule& pixel_rule(const std::string& name) {
  std::vector<std::string> known;
  for (const auto& rule : pixel_rules()) {
    if (rule.name == name) return rule;
    known.push_back(rule.name);
  }
  throw Error(ErrorCode::kUsage, "[onnx] unknown pixel rule '" + name + "'; known: " + join(known, ", "));
}

struct OnnxNetwork::State {
  fs::path file;
  PixelRule pixels;
  int width = 0, height = 0;
  int64_t dim = 0;
  std::string digest, model;
  std::mutex mutex;
  std::vector<std::unique_ptr<cv::dnn::Net>> idle;

  std::unique_ptr<cv::dnn::Net> take() {
    {
      std::lock_guard lock(mutex);
      if (!idle.empty()) {
        auto net = std::move(idle.back());
        idle.pop_back();
        return net;
      }
    }
    auto net = std::make_unique<cv::dnn::Net>(cv::dnn::readNetFromONNX(model.data(), model.size()));
    net->setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
    net->setPreferableTarget(cv::dnn::DNN_TARGET_CPU);
    return net;
  }
  void give(std::unique_ptr<cv::dnn::Net> net) {
    std::lock_guard lock(mutex);
    idle.push_back(std::move(net));
  }
  cv::Mat forward(cv::dnn::Net& net, const Image& image) const {
    const cv::Mat rgb(image.height, image.width, CV_8UC3, const_cast<uint8_t*>(image.pixels.data()));
    const cv::Mat blob = cv::dnn::blobFromImage(rgb, pixels.scale, cv::Size(width, height),
                                                cv::Scalar::all(pixels.mean), !pixels.rgb, false, CV_32F);
    net.setInput(blob);
    return net.forward().clone();
  }
};

namespace {

[[noreturn]] void refuse(const fs::path& file, const std::string& what) {
  throw Error(ErrorCode::kData, "[onnx] " + file.string() + ": " + what);
}

}  // namespace

OnnxNetwork::OnnxNetwork(const fs::path& file, PixelRule pixels, int width, int height)
    : state_(std::make_unique<State>()) {
  init_image_threads();
  auto& s = *state_;
  s.file = file;
  s.pixels = std::move(pixels);
  s.width = width;
  s.height = height;
  s.model = read_file(file);
  s.digest = sha256_hex(s.model);
  if (s.model.empty()) refuse(file, "an ONNX network is required, the file is empty");
  try {
    auto net = s.take();
    const cv::Mat out = s.forward(*net, Image(width, height));
    s.dim = static_cast<int64_t>(out.total());
    if (out.type() != CV_32F || s.dim < 2 || s.dim > 65536)
      refuse(file, "one float32 vector a picture is required, the output has " + std::to_string(s.dim) + " values");
    s.give(std::move(net));
  } catch (const cv::Exception& e) {
    refuse(file, "OpenCV cannot run this network on " + std::to_string(width) + "x" + std::to_string(height) +
                     " pictures: " + e.err);
  }
}

OnnxNetwork::~OnnxNetwork() = default;
int OnnxNetwork::width() const { return state_->width; }
int OnnxNetwork::height() const { return state_->height; }
int64_t OnnxNetwork::dim() const { return state_->dim; }
const std::string& OnnxNetwork::digest() const { return state_->digest; }
const PixelRule& OnnxNetwork::pixels() const { return state_->pixels; }

std::vector<float> OnnxNetwork::run(std::span<const Image> images) const {
  auto& s = *state_;
  for (const auto& image : images)
    if (image.width != s.width || image.height != s.height)
      throw Error(ErrorCode::kShape, "[onnx] pictures of " + std::to_string(s.width) + "x" + std::to_string(s.height) +
                                         " are required, got " + std::to_string(image.width) + "x" +
                                         std::to_string(image.height));
  std::vector<float> out(images.size() * static_cast<size_t>(s.dim));
  // One picture a call: a batch would tie the bits of a vector to its neighbours.
  parallel_for(static_cast<int64_t>(images.size()), [&](int64_t begin, int64_t end) {
    try {
      auto net = s.take();
      for (int64_t i = begin; i < end; ++i) {
        const cv::Mat z = s.forward(*net, images[static_cast<size_t>(i)]);
        std::copy_n(z.ptr<float>(), s.dim, out.begin() + i * s.dim);
      }
      s.give(std::move(net));
    } catch (const cv::Exception& e) {
      refuse(s.file, "the network failed: " + e.err);
    }
  });
  for (size_t i = 0; i < out.size(); ++i)
    if (!std::isfinite(out[i]))
      throw Error(ErrorCode::kNumeric, "[onnx] " + s.file.string() + ": output of picture " +
                                           std::to_string(static_cast<int64_t>(i) / s.dim) + " is not finite");
  return out;
}

}  // namespace winnow
