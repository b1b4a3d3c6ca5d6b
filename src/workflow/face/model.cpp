#include "src/workflow/face/model.h"

#include <algorithm>
#include <mutex>

#include "src/core/error.h"
#include "src/core/interrupt.h"
#include "src/core/parallel.h"
#include "src/core/progress.h"
#include "src/image/fit_face.h"
#include "src/image/onnx_network.h"
#include "src/image/transform.h"
#include "src/models/model.h"
#include "src/tensor/device.h"
#include "src/training/embedder.h"

namespace winnow {
namespace {

constexpr int64_t kChunk = 64;

class OnnxFaceModel : public FaceModel {
 public:
  explicit OnnxFaceModel(const FaceModelOptions& o)
      : name_(fs::path(o.model).filename().string()), network_(o.model, pixel_rule(o.pixels), o.size, o.size) {}
  std::vector<float> run(const std::vector<Image>& images) override { return network_.run(images); }
  int64_t dim() const override { return network_.dim(); }
  std::string digest() const override { return network_.digest(); }
  int width() const override { return network_.width(); }
  int height() const override { return network_.height(); }
  std::string description() const override {
    const auto& p = network_.pixels();
    return name_ + " (ONNX, OpenCV dnn), " + std::to_string(width()) + "x" + std::to_string(height()) + ", pixels '" +
           p.name + "': " + (p.rgb ? "RGB" : "BGR") + ", (x - " + std::to_string(p.mean) + ") * " +
           std::to_string(p.scale);
  }

 private:
  std::string name_;
  OnnxNetwork network_;
};

class FolderFaceModel : public FaceModel {
 public:
  explicit FolderFaceModel(const FaceModelOptions& o) : folder_(o.model) {
    init_torch_threads();
    loaded_ = load_model(folder_);
    fused_ = loaded_.model->fused();
  }
  std::vector<float> run(const std::vector<Image>& images) override {
    std::vector<float> out;
    for (const auto& image : images) {
      const auto z = embed_image(*fused_, image);
      out.insert(out.end(), z.begin(), z.end());
    }
    return out;
  }
  int64_t dim() const override { return fused_->dim(); }
  std::string digest() const override { return loaded_.card.weights_digest; }
  int width() const override { return fused_->preprocessing().size; }
  int height() const override { return width(); }
  std::string description() const override {
    return folder_.string() + " (" + loaded_.options.backbone + "), preprocessing " +
           fused_->preprocessing().digest().substr(0, 12) + " of its card";
  }

 private:
  fs::path folder_;
  LoadedModel loaded_;
  std::unique_ptr<EmbeddingModel> fused_;
};

}  // namespace

std::unique_ptr<FaceModel> open_face_model(const FaceModelOptions& options) {
  if (fs::path(options.model).extension() == ".onnx") return std::make_unique<OnnxFaceModel>(options);
  return std::make_unique<FolderFaceModel>(options);
}

FaceEmbedding embed_faces(FaceModel& model, const FacePictures& pictures, const std::string& fit, bool mirrored,
                          double max_bad) {
  FaceEmbedding out;
  const auto n = static_cast<int64_t>(pictures.names.size());
  auto& f = out.features;
  f.rows = n;
  f.dim = model.dim();
  f.plain.resize(static_cast<size_t>(n * f.dim));
  if (mirrored) f.mirrored.resize(f.plain.size());
  AlignmentProbe probe(face_template("arcface112"));
  Progress progress("embed", n, "faces");
  for (int64_t first = 0; first < n; first += kChunk) {
    if (interrupted()) throw Error(ErrorCode::kInterrupted, "[face] stopped by the user");
    const int64_t count = std::min(kChunk, n - first);
    std::vector<Image> originals(static_cast<size_t>(count)), views(originals.size()), flipped(originals.size());
    std::vector<std::string> faults(originals.size());
    parallel_for(count, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const auto at = static_cast<size_t>(i);
        try {
          originals[at] = pictures.read(first + i);
          views[at] = fit_face(originals[at], model.width(), model.height(), fit);
        } catch (const Error& e) {
          if (e.code() != ErrorCode::kData && e.code() != ErrorCode::kNotFound) throw;
          faults[at] = e.what();
          views[at] = Image(model.width(), model.height());
        }
        flipped[at] = views[at];
        if (mirrored) flip_horizontally(flipped[at]);
      }
    });
    auto plain = model.run(views);
    auto mirror = mirrored ? model.run(flipped) : std::vector<float>();
    for (size_t i = 0; i < faults.size(); ++i) {
      if (faults[i].empty()) {
        probe.add(originals[i]);
        continue;
      }
      const auto at = static_cast<std::ptrdiff_t>(i) * f.dim;
      std::fill_n(plain.begin() + at, f.dim, 0.f);
      if (mirrored) std::fill_n(mirror.begin() + at, f.dim, 0.f);
      out.failed.push_back(pictures.names[static_cast<size_t>(first) + i] + ": " + faults[i]);
    }
    std::copy(plain.begin(), plain.end(), f.plain.begin() + first * f.dim);
    std::copy(mirror.begin(), mirror.end(), f.mirrored.begin() + (mirrored ? first * f.dim : 0));
    progress.add(count);
  }
  progress.finish();
  out.seconds = progress.seconds();
  out.signs = probe.signs();
  if (static_cast<double>(out.failed.size()) > max_bad * static_cast<double>(n))
    throw Error(ErrorCode::kData,
                "[face] " + std::to_string(out.failed.size()) + " of " + std::to_string(n) +
                    " pictures could not be read, more than --max-bad allows; the first: " + out.failed.front());
  return out;
}

}  // namespace winnow
