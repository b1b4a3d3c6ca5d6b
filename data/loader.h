#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/augmentation.h"
#include "data/dataset.h"
#include "data/sampler.h"
#include "src/image/codec.h"

namespace winnow {

/// A batch as the trainer gets it: pixels are uint8 NHWC, which is channels-last as Torch wants it. Passing the same
/// object to next() again reuses its memory.
struct ImageBatch {
  int64_t size = 0;  ///< B; smaller than asked when pictures were bad
  int height = 0, width = 0;
  std::vector<uint8_t> pixels;     ///< B * H * W * 3
  std::vector<int64_t> labels;     ///< B
  std::vector<int64_t> rows;       ///< B, stable row numbers of the manifest
  std::vector<int64_t> positions;  ///< B, index into dataset.items
};

struct LoaderOptions {
  int size = 224;              ///< output height and width, >= 1
  double crop_ratio = 0.875;   ///< evaluation view: centre crop of short side * ratio, (0, 1]
  std::string view = "crop";   ///< evaluation view: "crop", "pad" or "stretch"
  bool reduced_decode = true;  ///< JPEG at reduced scale where that is enough; see decode_options
  /// Decode threads; 0 = thread_count(). Beside a network on the same CPU 1 is enough (a core decodes and augments
  /// over 1,000 photographs of 128 pixels a second); beside a GPU take all cores.
  int threads = 0;
  int prefetch = 4;        ///< batches decoded ahead, >= 1; bounds memory to prefetch * B * size^2 * 3 bytes
  double max_bad = 0.001;  ///< share of the data set's pictures that may be unreadable
  bool cache = false;      ///< keep decoded pictures in memory (small sets), up to cache_bytes
  uint64_t cache_bytes = uint64_t{2} << 30;
};

struct LoaderStats {
  double wait_seconds = 0;       ///< time next() blocked since start()
  double total_seconds = 0;      ///< from start() to the end of the last next()
  int64_t images = 0;            ///< delivered since start()
  std::vector<std::string> bad;  ///< `path: reason`, each picture once, over the loader's life
  uint64_t cached_bytes = 0;     ///< held by the cache
};

/// Prefetching loader with its own decode pool. Output depends only on (seed, epoch, row), never on the thread count.
/// A picture drawn several times in an epoch gets another augmentation each time. An unreadable picture is left out of
/// its batch, counted and named; a batch that is left empty is passed over. One consumer thread. Destroying it
/// mid-epoch is fine. The data set must outlive it.
class Loader {
 public:
  /// Evaluation order: every item once, in order, last batch smaller, no augmentation.
  /// @throws Error(kConfig) for options out of range
  Loader(const Dataset& dataset, LoaderOptions options, int64_t batch);
  /// Training: `augmentation` and `sampler` must outlive the loader.
  Loader(const Dataset& dataset, LoaderOptions options, const Augmentation& augmentation, const Sampler& sampler,
         uint64_t seed);
  ~Loader();

  /// Starts (or restarts) an epoch; `skip` batches are left out without decoding (resume in mid-epoch).
  void start(int64_t epoch, int64_t skip = 0);
  /// Next batch; false at the epoch's end and before start().
  /// @throws Error(kData) when more than max_bad of the pictures could not be read, naming the first ones
  bool next(ImageBatch& batch);
  /// Batches of a whole epoch (an upper bound when pictures are bad).
  int64_t batches() const;
  LoaderStats stats() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// How Loader decodes pictures without a box, in training and evaluation alike: a JPEG may be reduced as long as its
/// short side keeps 2 * size / crop_ratio pixels, so that a random crop of a quarter of the area is not enlarged.
DecodeOptions decode_options(const LoaderOptions& options);

/// The evaluation view of one picture (view and resize), as Loader makes it.
/// crop: centre square of min(w, h) * crop_ratio; pad: whole picture, grey border; stretch: whole picture.
/// @throws Error(kConfig) for an unknown view
Image evaluation_view(const Image& image, const LoaderOptions& options);
/// The same for a region of interest: the box, rounded outwards to whole pixels and cut at the border, is the picture.
/// @throws Error(kData) when the box lies outside the picture
Image evaluation_view(const Image& image, const Box& box, const LoaderOptions& options);

}  // namespace winnow
