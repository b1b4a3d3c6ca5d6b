#include "data/picture_reader.h"

#include "src/core/error.h"
#include "src/core/text.h"

namespace winnow {

PictureReader::PictureReader(const Dataset& dataset, const LoaderOptions& options)
    : dataset_(dataset), reduced_(decode_options(options)), limit_(options.cache ? options.cache_bytes : 0) {
  if (limit_ > 0) cache_.resize(dataset.items.size());
}

std::shared_ptr<const Image> PictureReader::read(int64_t position) {
  const auto index = static_cast<size_t>(position);
  if (limit_ > 0) {
    const std::lock_guard lock(mutex_);
    if (cache_[index]) return cache_[index];
  }
  auto image = decode(dataset_.items[index]);
  if (limit_ > 0) keep(position, image);
  return image;
}

std::shared_ptr<const Image> PictureReader::decode(const Item& item) const {
  const std::vector<std::byte> bytes = dataset_.store->read(item.path);
  if (bytes.empty()) throw Error(ErrorCode::kData, "[picture] " + to_valid_utf8(item.path) + ": the file has no bytes");
  // A box counts pixels of the whole picture.
  return std::make_shared<const Image>(decode_image(bytes, item.path, item.box ? whole_ : reduced_));
}

void PictureReader::keep(int64_t position, const std::shared_ptr<const Image>& image) {
  const uint64_t bytes = image->pixels.size();
  const std::lock_guard lock(mutex_);
  auto& slot = cache_[static_cast<size_t>(position)];
  if (slot || used_ + bytes > limit_) return;
  slot = image;
  used_ += bytes;
}

}  // namespace winnow
