#include "src/training/embedder.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <optional>

#include "retrieval/postprocess/whitening_file.h"
#include "src/core/clock.h"
#include "src/core/error.h"
#include "src/core/parallel.h"
#include "src/core/progress.h"
#include "src/tensor/device.h"
#include "src/training/embed_stream.h"
#include "src/training/provenance.h"

namespace winnow {
namespace {

LoaderOptions embed_loader_options(const Preprocessing& p, const std::string& device, double max_bad) {
  LoaderOptions out;
  out.size = p.size;
  out.crop_ratio = p.crop_ratio;
  out.view = p.view;
  out.reduced_decode = p.reduced_decode;
  out.max_bad = max_bad;
  if (device == "cpu") out.threads = std::max(1, thread_count() / 4);
  return out;
}

StreamOptions make_stream_options(const EmbedOptions& options) {
  StreamOptions out;
  out.compute.device = resolve_device(options.device);
  out.compute.bf16 = probe_precision(options.precision, out.compute.device).chosen == "bf16";
  out.flip = options.recipe.flip;
  out.further_scales = options.recipe.further_scales;
  out.whitening = options.whitening;
  return out;
}

std::unique_ptr<EmbeddingModel> inference_copy(EmbeddingModel& model, const std::string& device,
                                               const PoolChoice& pool) {
  auto network = with_pool(*model.fused(), pool);
  if (device != "cpu") network->to(device);
  return network;
}

Dataset slice_of(const Dataset& dataset, int slice, int slices) {
  if (slices < 1 || slice < 0 || slice >= slices)
    throw Error(ErrorCode::kUsage, "[embed] slice i of n with 0 <= i < n is required, got " + std::to_string(slice) +
                                       " of " + std::to_string(slices));
  const auto n = static_cast<int64_t>(dataset.items.size());
  std::vector<char> keep(dataset.items.size(), 0);
  std::fill(keep.begin() + n * slice / slices, keep.begin() + n * (slice + 1) / slices, 1);
  return subset(dataset, keep);
}

/// The further columns of items.csv: split, source and group where an item has one, then the manifest's own.
class ExtraColumns {
 public:
  explicit ExtraColumns(const Dataset& dataset) {
    for (const auto& item : dataset.items)
      for (const auto& [name, value] : columns_of(item))
        if (std::find(names_.begin(), names_.end(), name) == names_.end()) names_.push_back(name);
  }
  const std::vector<std::string>& names() const { return names_; }
  std::vector<std::string> values(const Item& item) const {
    std::vector<std::string> out(names_.size());
    for (const auto& [name, value] : columns_of(item))
      out[static_cast<size_t>(std::find(names_.begin(), names_.end(), name) - names_.begin())] = value;
    return out;
  }

 private:
  static std::vector<std::pair<std::string, std::string>> columns_of(const Item& item) {
    std::vector<std::pair<std::string, std::string>> out;
    const std::pair<const char*, const std::string&> ours[] = {
        {"split", item.split}, {"source", item.source}, {"group", item.group}};
    for (const auto& [name, value] : ours)
      if (!value.empty()) out.emplace_back(name, value);
    out.insert(out.end(), item.columns.begin(), item.columns.end());
    return out;
  }
  std::vector<std::string> names_;
};

EmbeddingsInfo make_info(const Dataset& dataset, const LoadedModel& model, const EmbedOptions& options,
                         const ExtraColumns& extra) {
  EmbeddingsInfo out;
  out.model_digest = model.card.weights_digest;
  out.recipe = options.recipe.text();
  out.whitening_digest = options.whitening ? whitening_digest(*options.whitening) : "";
  out.preprocessing_digest =
      chained_digest(chained_digest(model.model->preprocessing().digest(), out.recipe), out.whitening_digest);
  out.model_path = options.model_path;
  out.data = dataset.name;
  out.created = utc_now();
  out.winnow_version = WINNOW_VERSION;
  out.extra_columns = extra.names();
  out.dtype = options.dtype;
  out.dim = options.whitening ? options.whitening->out : model.model->dim();
  return out;
}

EmbedResult summarise(const Loader& loader, int64_t images, double seconds) {
  const LoaderStats stats = loader.stats();
  EmbedResult out;
  out.images = images;
  out.bad = stats.bad;
  out.seconds = seconds;
  out.images_per_second = seconds > 0 ? static_cast<double>(images) / seconds : 0;
  out.wait_share = stats.total_seconds > 0 ? stats.wait_seconds / stats.total_seconds : 0;
  return out;
}

}  // namespace

EmbedResult embed_dataset(const Dataset& dataset, LoadedModel& model, const EmbedOptions& options,
                          const fs::path& folder) {
  const Dataset part = slice_of(dataset, options.slice, options.slices);
  if (part.items.empty())
    throw Error(ErrorCode::kData, "[embed] pictures are required, " + dataset.name + " has none here");
  const StreamOptions stream = make_stream_options(options);
  const auto network = inference_copy(*model.model, stream.compute.device, options.recipe.pool);
  const ExtraColumns extra(dataset);
  const auto total = static_cast<int64_t>(part.items.size());
  if (options.whitening) options.whitening->require_made_for(model.card.weights_digest, network->dim());
  const EmbeddingsInfo info = make_info(dataset, model, options, extra);
  EmbeddingsWriter writer(folder, info.dim, total, info);
  Loader loader(part, embed_loader_options(network->preprocessing(), stream.compute.device, options.max_bad),
                batch_per_worker(options.batch, stream));
  Progress progress("embed", total, "images");
  int64_t images = 0;
  loader.start(0);
  embed_stream(loader, *network, stream, [&](const ImageBatch& batch, const at::Tensor& z) {
    const float* row = z.const_data_ptr<float>();
    for (const int64_t position : batch.positions) {
      const Item& item = part.items[static_cast<size_t>(position)];
      const std::string label = item.label < 0 ? "" : part.label_names[static_cast<size_t>(item.label)];
      writer.add({item.row, item.path, label, extra.values(item)}, {row, static_cast<size_t>(z.size(1))});
      row += z.size(1);
    }
    images += batch.size;
    progress.add(batch.size);
  });
  const double seconds = progress.seconds();
  if (options.whitening) keep_whitening(folder, *options.whitening);
  writer.commit();
  return summarise(loader, images, seconds);
}

std::vector<float> embed_images(EmbeddingModel& model, const Dataset& dataset, const EmbedOptions& options,
                                std::vector<int64_t>* positions) {
  const StreamOptions stream = make_stream_options(options);
  const auto network = inference_copy(model, stream.compute.device, options.recipe.pool);
  Loader loader(dataset, embed_loader_options(network->preprocessing(), stream.compute.device, options.max_bad),
                batch_per_worker(options.batch, stream));
  std::vector<float> out;
  out.reserve(dataset.items.size() * static_cast<size_t>(network->dim()));
  loader.start(0);
  embed_stream(loader, *network, stream, [&](const ImageBatch& batch, const at::Tensor& z) {
    const float* values = z.const_data_ptr<float>();
    out.insert(out.end(), values, values + z.numel());
    if (positions) positions->insert(positions->end(), batch.positions.begin(), batch.positions.end());
  });
  return out;
}

std::vector<float> embed_image(EmbeddingModel& model, const Image& image) {
  const Preprocessing& p = model.preprocessing();
  const Image view = evaluation_view(image, embed_loader_options(p, "cpu", 0));
  ImageBatch batch;
  batch.size = 1;
  batch.height = view.height;
  batch.width = view.width;
  batch.pixels = view.pixels;
  const auto z = embed_batch(model, batch, {});
  return {z.const_data_ptr<float>(), z.const_data_ptr<float>() + z.numel()};
}

}  // namespace winnow
