#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/augmentation.h"
#include "data/dataset.h"
#include "data/sampler.h"

namespace winnow {

/// A batch as the trainer gets it: pixels are uint8 NHWC, which is channels-last as Torch wants it.
struct ImageBatch {
  int64_t size = 0;  ///< B; smaller than asked when pictures were bad
  int height = 0, width = 0;
  std::vector<uint8_t> pixels;    ///< B * H * W * 3
  std::vector<int64_t> labels;    ///< B
  std::vector<int64_t> rows;      ///< B, stable row numbers of the manifest
  std::vector<int64_t> positions; ///< B, index into dataset.items
};

struct LoaderOptions {
  int size = 224;             ///< output height and width
  double crop_ratio = 0.875;  ///< evaluation view: centre crop of short side * ratio
  std::string view = "crop";  ///< evaluation view: "crop", "pad" or "stretch"
  bool reduced_decode = true; ///< JPEG at reduced scale where that is enough
  int threads = 0;            ///< decode threads; 0 = thread_count()
  int prefetch = 4;           ///< batches decoded ahead
  double max_bad = 0.001;     ///< share of unreadable pictures that is tolerated
  bool cache = false;         ///< keep decoded pictures in memory (small sets), up to cache_bytes
  uint64_t cache_bytes = uint64_t{2} << 30;
};

struct LoaderStats {
  double wait_seconds = 0;   ///< time next() blocked
  double total_seconds = 0;  ///< from the start of the epoch to the last next()
  int64_t images = 0;
  std::vector<std::string> bad;  ///< path: reason
};

/// Prefetching loader with its own decode pool. Output depends only on (seed, epoch, row), never on the thread count.
/// One consumer thread. Destroying it mid-epoch is fine.
class Loader {
 public:
  /// Evaluation order: every item once, in order, last batch smaller, no augmentation.
  Loader(const Dataset& dataset, LoaderOptions options, int64_t batch);
  /// Training: `augmentation` and `sampler` must outlive the loader.
  Loader(const Dataset& dataset, LoaderOptions options, const Augmentation& augmentation, const Sampler& sampler,
         uint64_t seed);
  ~Loader();

  /// Starts (or restarts) an epoch; `skip` batches are left out without decoding (resume in mid-epoch).
  void start(int64_t epoch, int64_t skip = 0);
  /// Next batch; false at the epoch's end.
  /// @throws Error(kData) when more than max_bad of the pictures could not be read, naming the first ones
  bool next(ImageBatch& batch);
  int64_t batches() const;
  LoaderStats stats() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The evaluation view of one picture (decode, view, resize), as Loader makes it.
Image evaluation_view(const Image& image, const LoaderOptions& options);

}  // namespace winnow
