// Embedding a folder of JPEG pictures end to end, and decode + resize alone: the pipeline of the Python peer (Pillow,
// DataLoader with 2 workers, ResNet-18 at 224).   bench_embedding FOLDER [--decode-only]
#include <chrono>
#include <cstdio>
#include <string>

#include "data/dataset.h"
#include "data/loader.h"
#include "src/core/error.h"
#include "src/core/parallel.h"
#include "src/image/codec.h"
#include "src/models/model.h"
#include "src/tensor/device.h"
#include "src/training/embedder.h"

namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void decode_only(const winnow::Dataset& dataset) {
  winnow::LoaderOptions options;
  options.view = "stretch";
  options.threads = winnow::thread_count();
  winnow::Loader loader(dataset, options, 32);
  const auto start = std::chrono::steady_clock::now();
  loader.start(0);
  winnow::ImageBatch batch;
  int64_t images = 0;
  while (loader.next(batch)) images += batch.size;
  std::printf("{\"case\": \"decode_resize_224\", \"threads\": %d, \"images\": %ld, \"images_per_s\": %.1f}\n",
              winnow::thread_count(), long(images), double(images) / seconds_since(start));
}

void end_to_end(const winnow::Dataset& dataset) {
  winnow::Preprocessing preprocessing;
  preprocessing.view = "stretch";
  auto model = winnow::make_model({}, preprocessing, 0);
  model->train(false);
  auto fused = model->fused();
  winnow::EmbedOptions options;
  options.batch = 32;
  const auto start = std::chrono::steady_clock::now();
  const auto vectors = winnow::embed_images(*fused, dataset, options);
  const double seconds = seconds_since(start);
  std::printf(
      "{\"case\": \"embed_resnet18_224\", \"threads\": %d, \"images\": %zu, \"images_per_s\": %.1f, \"gflops\": "
      "%.1f}\n",
      winnow::thread_count(), dataset.items.size(), double(dataset.items.size()) / seconds,
      double(dataset.items.size()) / seconds * model->forward_flops() / 1e9);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::string first = argc > 1 ? argv[1] : "";
    if (first.empty()) {
      std::fprintf(stderr, "usage: bench_embedding FOLDER [--decode-only]\n");
      return 2;
    }
    winnow::init_torch_threads();
    winnow::init_image_threads();
    winnow::DataSource source;
    source.data = first;
    const auto dataset = winnow::read_dataset(source);
    decode_only(dataset);
    if (argc < 3) end_to_end(dataset);
    return 0;
  } catch (const winnow::Error& e) {
    std::fprintf(stderr, "bench_embedding: %s\n", e.what());
    return winnow::exit_code(e.code());
  }
}
