#include "src/workflow/picture_encoder.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "data/loader.h"
#include "retrieval/postprocess/whitening_file.h"
#include "src/core/error.h"
#include "src/image/codec.h"
#include "src/tensor/device.h"
#include "src/training/embed_recipe.h"
#include "src/training/embed_stream.h"

namespace winnow {
namespace {

void require_same_model(const fs::path& model, const fs::path& folder, const IndexInfo& index) {
  const ModelCard card = read_model_card(model);
  if (!index.model_digest.empty() && card.weights_digest != index.model_digest)
    throw Error(ErrorCode::kMismatch, "[model] " + model.string() + " is not the model that made " + folder.string() +
                                          " (model " + card.weights_digest.substr(0, 12) + ", index wants " +
                                          index.model_digest.substr(0, 12) +
                                          "). Rebuild the index: winnow embed DATA --model " + model.string() +
                                          " --out EMB && winnow index build EMB --out " + folder.string());
  const std::string digest =
      chained_digest(chained_digest(card.preprocessing_digest, index.recipe), index.whitening_digest);
  if (!index.preprocessing_digest.empty() && digest != index.preprocessing_digest)
    throw Error(ErrorCode::kMismatch, "[model] " + model.string() +
                                          " prepares pictures differently from the model that made " + folder.string() +
                                          "; embed and build the index again");
}

ImageBatch batch_of(std::span<const Image> views) {
  ImageBatch batch;
  batch.size = static_cast<int64_t>(views.size());
  batch.height = views[0].height;
  batch.width = views[0].width;
  for (const auto& view : views) {
    if (view.height != batch.height || view.width != batch.width)
      throw Error(ErrorCode::kShape, "[encoder] views of one size are required");
    batch.pixels.insert(batch.pixels.end(), view.pixels.begin(), view.pixels.end());
  }
  return batch;
}

std::vector<float> agreement(const at::Tensor& map, const at::Tensor& mean) {
  const at::Tensor heat = (map * mean.view({1, -1, 1, 1})).sum(1).contiguous();
  const float low = heat.min().item<float>(), top = heat.max().item<float>();
  std::vector<float> out(heat.const_data_ptr<float>(), heat.const_data_ptr<float>() + heat.numel());
  for (float& value : out) value = top > low ? (value - low) / (top - low) : 0;
  return out;
}

}  // namespace

struct PictureEncoder::State {
  std::unique_ptr<EmbeddingModel> network;
  LoaderOptions loading;
  StreamOptions stream;
};

PictureEncoder::PictureEncoder(const fs::path& model, const fs::path& folder, const IndexInfo& index)
    : state_(std::make_unique<State>()) {
  require_same_model(model, folder, index);
  const EmbedRecipe recipe = EmbedRecipe::parse(index.recipe, "[" + folder.string() + "]");
  state_->network = with_pool(*load_model(model).model->fused(), recipe.pool);
  state_->stream.flip = recipe.flip;
  state_->stream.further_scales = recipe.further_scales;
  if (!index.whitening_digest.empty())
    state_->stream.whitening = std::make_shared<const Whitening>(find_whitening(folder, index.whitening_digest));
  const Preprocessing& p = state_->network->preprocessing();
  state_->loading.size = p.size;
  state_->loading.crop_ratio = p.crop_ratio;
  state_->loading.view = p.view;
  state_->loading.reduced_decode = p.reduced_decode;
}

PictureEncoder::~PictureEncoder() = default;

int64_t PictureEncoder::dim() const {
  return state_->stream.whitening ? state_->stream.whitening->out : state_->network->dim();
}

Image PictureEncoder::decode(std::span<const std::byte> bytes, const std::string& name, int64_t max_pixels,
                             bool whole) const {
  DecodeOptions options = whole ? decode_options(state_->loading) : DecodeOptions{};
  options.max_pixels = max_pixels;
  return decode_image(bytes, name, options);
}

Image PictureEncoder::view(const Image& picture, const std::optional<Box>& region) const {
  return region ? evaluation_view(picture, *region, state_->loading) : evaluation_view(picture, state_->loading);
}

std::vector<std::vector<float>> PictureEncoder::embed(std::span<const Image> views) const {
  if (views.empty()) return {};
  const at::Tensor z = embed_batch(*state_->network, batch_of(views), state_->stream);
  const float* row = z.const_data_ptr<float>();
  std::vector<std::vector<float>> out;
  for (int64_t i = 0; i < z.size(0); ++i, row += z.size(1)) out.emplace_back(row, row + z.size(1));
  return out;
}

PictureEncoder::Overlap PictureEncoder::overlap(const Image& first_view, const Image& second_view) const {
  const Image views[] = {first_view, second_view};
  ImageBatch batch = batch_of(views);
  const at::Tensor maps =
      state_->network->feature_map(wrap_nhwc(batch.pixels.data(), batch.size, batch.height, batch.width))
          .to(at::kFloat);
  const at::Tensor means = maps.mean({2, 3});
  Overlap out;
  out.height = static_cast<int>(maps.size(2));
  out.width = static_cast<int>(maps.size(3));
  out.first = agreement(maps.slice(0, 0, 1), means[1]);
  out.second = agreement(maps.slice(0, 1, 2), means[0]);
  return out;
}

Image veil(const Image& view, const std::vector<float>& map, int width, int height) {
  Image out = view;
  const auto at = [&](int x, int y) {
    return map[static_cast<size_t>(std::clamp(y, 0, height - 1)) * static_cast<size_t>(width) +
               static_cast<size_t>(std::clamp(x, 0, width - 1))];
  };
  for (int y = 0; y < view.height; ++y) {
    const float fy =
        (static_cast<float>(y) + 0.5F) * static_cast<float>(height) / static_cast<float>(view.height) - 0.5F;
    for (int x = 0; x < view.width; ++x) {
      const float fx =
          (static_cast<float>(x) + 0.5F) * static_cast<float>(width) / static_cast<float>(view.width) - 0.5F;
      const int x0 = static_cast<int>(std::floor(fx)), y0 = static_cast<int>(std::floor(fy));
      const float ax = fx - static_cast<float>(x0), ay = fy - static_cast<float>(y0);
      const float heat = (1 - ay) * ((1 - ax) * at(x0, y0) + ax * at(x0 + 1, y0)) +
                         ay * ((1 - ax) * at(x0, y0 + 1) + ax * at(x0 + 1, y0 + 1));
      uint8_t* p = out.at(x, y);
      const float alpha = 0.7F * heat, dim = 0.55F + 0.45F * heat;
      const float red[] = {230, 40, 20};
      for (int c = 0; c < 3; ++c)
        p[c] = static_cast<uint8_t>(std::lround((1 - alpha) * dim * static_cast<float>(p[c]) + alpha * red[c]));
    }
  }
  return out;
}

}  // namespace winnow
