#include "data/loader.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <unordered_set>

#include "data/decode_pool.h"
#include "data/picture_reader.h"
#include "src/core/error.h"
#include "src/core/parallel.h"
#include "src/core/random.h"
#include "src/core/text.h"

namespace winnow {
namespace {

using Clock = std::chrono::steady_clock;

LoaderOptions checked(LoaderOptions options) {
  const auto require = [](bool holds, const char* what) {
    if (!holds) throw Error(ErrorCode::kConfig, std::string("[loader] ") + what);
  };
  require(options.size >= 1 && options.size <= 16384, "size must be in 1..16384");
  require(options.crop_ratio > 0 && options.crop_ratio <= 1, "crop_ratio must be in (0, 1]");
  require(options.view == "crop" || options.view == "pad" || options.view == "stretch",
          "view must be crop, pad or stretch");
  require(options.threads >= 0 && options.threads <= 1024, "threads must be in 0..1024");
  require(options.prefetch >= 1 && options.prefetch <= 1024, "prefetch must be in 1..1024");
  require(options.max_bad >= 0 && options.max_bad <= 1, "max_bad must be in [0, 1]");
  if (options.threads == 0) options.threads = thread_count();
  return options;
}

/// The box of an item cut at the picture's border, or the whole picture.
Box region_of(const Item& item, const Image& image) {
  Box whole{0, 0, double(image.width), double(image.height)};
  if (!item.box) return whole;
  const Box cut{item.box->x0, item.box->y0, std::min(item.box->x1, whole.x1), std::min(item.box->y1, whole.y1)};
  if (cut.x1 > cut.x0 && cut.y1 > cut.y0) return cut;
  throw Error(ErrorCode::kData, "[box] " + to_valid_utf8(item.path) + ": the box lies outside the picture of " +
                                    std::to_string(image.width) + " x " + std::to_string(image.height));
}

std::vector<std::vector<int64_t>> in_order(int64_t items, int64_t batch) {
  std::vector<std::vector<int64_t>> out;
  for (int64_t i = 0; i < items; ++i) {
    if (i % batch == 0) out.emplace_back();
    out.back().push_back(i);
  }
  return out;
}

}  // namespace

struct Loader::State {
  State(const Dataset& set, LoaderOptions given, int64_t batch_size, const Augmentation* augment, const Sampler* order,
        uint64_t random_seed)
      : dataset(set),
        options(checked(std::move(given))),
        batch(batch_size),
        augmentation(augment),
        sampler(order),
        seed(random_seed),
        reader(set, options),
        picture_bytes(size_t(options.size) * size_t(options.size) * 3),
        pool(options.threads, options.prefetch, picture_bytes,
             [this](const PictureTask& task, uint8_t* out) { make(task, out); }) {}

  void make(const PictureTask& task, uint8_t* out);
  Image view(const PictureTask& task);
  EpochPlan plan(int64_t epoch, int64_t skip) const;
  void collect(BatchSlot& slot, ImageBatch& out);
  void name_bad(int64_t position, const std::string& fault);
  void check_bad() const;

  const Dataset& dataset;
  const LoaderOptions options;
  const int64_t batch;
  const Augmentation* const augmentation;
  const Sampler* const sampler;
  const uint64_t seed;
  PictureReader reader;
  const size_t picture_bytes;
  Clock::time_point started = Clock::now();
  LoaderStats stats;
  std::unordered_set<int64_t> bad_positions;
  DecodePool pool;  // last: its threads use everything above
};

void Loader::State::make(const PictureTask& task, uint8_t* out) {
  const Image image = view(task);
  if (image.pixels.size() != picture_bytes)
    throw Error(ErrorCode::kInternal, "[loader] a view of " + std::to_string(picture_bytes) +
                                          " bytes is required, got " + std::to_string(image.pixels.size()));
  std::memcpy(out, image.pixels.data(), picture_bytes);
}

Image Loader::State::view(const PictureTask& task) {
  const Item& item = dataset.items[static_cast<size_t>(task.position)];
  const auto image = reader.read(task.position);
  const Box region = region_of(item, *image);
  if (!augmentation) return item.box ? evaluation_view(*image, region, options) : evaluation_view(*image, options);
  const std::string purpose = task.repeat == 0 ? "augment" : "augment/" + std::to_string(task.repeat);
  Random random(seed, purpose, static_cast<uint64_t>(item.row), static_cast<uint64_t>(task.epoch));
  return augmentation->apply(*image, region, options.size, random);
}

EpochPlan Loader::State::plan(int64_t epoch, int64_t skip) const {
  EpochPlan plan;
  plan.epoch = epoch;
  plan.first = static_cast<size_t>(std::max<int64_t>(skip, 0));
  const auto items = static_cast<int64_t>(dataset.items.size());
  plan.batches = sampler ? sampler->batches(epoch) : in_order(items, batch);
  std::vector<uint32_t> drawn(dataset.items.size(), 0);
  for (const auto& positions : plan.batches) {
    auto& repeats = plan.repeats.emplace_back();
    for (const int64_t position : positions) {
      if (position < 0 || position >= items)
        throw Error(ErrorCode::kShape, "[loader] sampler positions must be below " + std::to_string(items) + ", got " +
                                           std::to_string(position));
      repeats.push_back(drawn[static_cast<size_t>(position)]++);
    }
  }
  return plan;
}

void Loader::State::collect(BatchSlot& slot, ImageBatch& out) {
  const auto& positions = pool.positions();
  out.labels.clear();
  out.rows.clear();
  out.positions.clear();
  std::swap(out.pixels, slot.pixels);
  size_t kept = 0;
  for (size_t i = 0; i < positions.size(); ++i) {
    if (!slot.faults[i].empty()) {
      name_bad(positions[i], slot.faults[i]);
      continue;
    }
    if (kept < i)
      std::memcpy(out.pixels.data() + kept * picture_bytes, out.pixels.data() + i * picture_bytes, picture_bytes);
    const Item& item = dataset.items[static_cast<size_t>(positions[i])];
    out.labels.push_back(item.label);
    out.rows.push_back(item.row);
    out.positions.push_back(positions[i]);
    ++kept;
  }
  out.pixels.resize(kept * picture_bytes);
  out.size = static_cast<int64_t>(kept);
  out.height = out.width = options.size;
}

void Loader::State::name_bad(int64_t position, const std::string& fault) {
  if (!bad_positions.insert(position).second) return;
  const std::string path = to_valid_utf8(dataset.items[static_cast<size_t>(position)].path);
  const size_t at = fault.find(path + ": ");
  stats.bad.push_back(path + ": " + (at == std::string::npos ? fault : fault.substr(at + path.size() + 2)));
}

void Loader::State::check_bad() const {
  const double items = static_cast<double>(dataset.items.size());
  if (static_cast<double>(stats.bad.size()) <= options.max_bad * items) return;
  constexpr size_t kShown = 5;
  std::string message = "[loader] at most " + std::to_string(options.max_bad * 100) + " % of " +
                        std::to_string(dataset.items.size()) + " pictures may be unreadable (max_bad), so far " +
                        std::to_string(stats.bad.size()) + " are; `winnow data check` lists all of them";
  for (size_t i = 0; i < std::min(kShown, stats.bad.size()); ++i) message += "\n  " + stats.bad[i];
  throw Error(ErrorCode::kData, message);
}

Loader::Loader(const Dataset& dataset, LoaderOptions options, int64_t batch) {
  if (batch < 1) throw Error(ErrorCode::kConfig, "[loader] batch must be at least 1, got " + std::to_string(batch));
  state_ = std::make_unique<State>(dataset, std::move(options), batch, nullptr, nullptr, 0);
}

Loader::Loader(const Dataset& dataset, LoaderOptions options, const Augmentation& augmentation, const Sampler& sampler,
               uint64_t seed)
    : state_(std::make_unique<State>(dataset, std::move(options), 0, &augmentation, &sampler, seed)) {}

Loader::~Loader() = default;

void Loader::start(int64_t epoch, int64_t skip) {
  State& s = *state_;
  s.started = Clock::now();
  s.stats.wait_seconds = s.stats.total_seconds = 0;
  s.stats.images = 0;
  s.pool.start(s.plan(epoch, skip));
}

bool Loader::next(ImageBatch& batch) {
  State& s = *state_;
  bool found = false;
  while (!found) {
    BatchSlot* slot = s.pool.wait(s.stats.wait_seconds);
    if (!slot) break;
    s.collect(*slot, batch);
    s.pool.release();
    s.check_bad();
    found = batch.size > 0;
  }
  if (found) s.stats.images += batch.size;
  s.stats.total_seconds = std::chrono::duration<double>(Clock::now() - s.started).count();
  return found;
}

int64_t Loader::batches() const {
  const State& s = *state_;
  if (s.sampler) return s.sampler->batches_per_epoch();
  return (static_cast<int64_t>(s.dataset.items.size()) + s.batch - 1) / s.batch;
}

LoaderStats Loader::stats() const {
  LoaderStats out = state_->stats;
  out.cached_bytes = state_->reader.cached_bytes();
  return out;
}

}  // namespace winnow
