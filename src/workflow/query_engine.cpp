#include "src/workflow/query_engine.h"

#include <algorithm>

#include "data/dataset.h"
#include "src/core/error.h"
#include "src/core/half.h"
#include "src/image/codec.h"

namespace winnow {

QueryEngine::QueryEngine(const fs::path& index, fs::path model)
    : index_folder_(index), model_folder_(std::move(model)), index_(Index::open(index)) {
  if (model_folder_.empty()) model_folder_ = index_->info().model_path;
  words_ = read_score_words(index, index_->info().model_digest);
  levels_ = read_match_levels(model_folder_);
}

void QueryEngine::refine(const RefineOptions& options, std::optional<float> range) {
  if (range && options.any())
    throw Error(ErrorCode::kUsage, "[query] --range gives every hit above a score and goes with no re-ordering");
  refine_ = options;
  range_ = range;
}

const PictureEncoder& QueryEngine::encoder() {
  if (encoder_) return *encoder_;
  if (model_folder_.empty())
    throw Error(
        ErrorCode::kUsage,
        "[query] the index does not know its model (its vectors came from elsewhere); name it with --model DIR");
  encoder_ = std::make_unique<PictureEncoder>(model_folder_, index_folder_, index_->info());
  return *encoder_;
}

std::vector<float> QueryEngine::embed(const fs::path& file) {
  const PictureEncoder& network = encoder();
  const std::string bytes = read_file(file);
  const Image views[] = {network.view(
      network.decode(std::as_bytes(std::span(bytes)), file.string(), DecodeOptions{}.max_pixels, true), std::nullopt)};
  return network.embed(views).at(0);
}

QueryAnswer QueryEngine::answer(std::string source, std::span<const float> vector, const SearchOptions& options) const {
  QueryAnswer out;
  out.source = std::move(source);
  std::vector<RefinedHit> hits;
  if (range_) {
    const auto found = index_->search_range(vector, *range_, options);
    for (const Hit& hit : found.at(0)) hits.push_back({hit.id, hit.score, {}});
  } else {
    hits = refined_search(*index_, vector, options, refine_, &out.plan);
  }
  int rank = 0;
  float best = -2;
  for (auto& hit : hits) {
    const IndexItem item = index_->item(hit.id);
    best = std::max(best, hit.score);
    out.hits.push_back({++rank, hit.id, hit.score, item.path, item.label, words_ ? words_->word(hit.score) : "",
                        std::move(hit.duplicates)});
  }
  out.verdict = words_ ? words_->verdict(best) : levels_.verdict(best);
  return out;
}

std::vector<QueryAnswer> QueryEngine::ask(const QueryInputs& inputs, const SearchOptions& options) {
  if (inputs.images.empty() + !inputs.item + inputs.vector.empty() != 2)
    throw Error(ErrorCode::kUsage, "exactly one of --image, --item and --vector is required");
  if (inputs.item) return {by_item(*inputs.item, options)};
  if (!inputs.vector.empty()) return by_vectors(inputs.vector, options);
  std::vector<fs::path> files;
  for (const auto& image : inputs.images)
    for (const auto& file : picture_files(image)) files.push_back(file);
  if (inputs.combine) return {by_images(files, options)};
  std::vector<QueryAnswer> out;
  for (const auto& file : files) out.push_back(by_image(file, options));
  return out;
}

QueryAnswer QueryEngine::by_image(const fs::path& file, const SearchOptions& options) {
  return answer(file.string(), embed(file), options);
}

QueryAnswer QueryEngine::by_images(const std::vector<fs::path>& files, const SearchOptions& options) {
  std::vector<float> sum(static_cast<size_t>(index_->dim()));
  std::string source;
  for (const auto& file : files) {
    const auto vector = embed(file);
    for (size_t d = 0; d < sum.size(); ++d) sum[d] += vector[d];
    source += (source.empty() ? "" : " + ") + file.string();
  }
  return answer(source, sum, options);
}

QueryAnswer QueryEngine::by_item(int64_t id, SearchOptions options) const {
  options.exclude = id;
  return answer("item " + std::to_string(id), index_->vector(id), options);
}

std::vector<QueryAnswer> QueryEngine::by_vectors(const fs::path& npy, const SearchOptions& options) const {
  const NpyFile file(npy);
  const auto& shape = file.shape();
  const int64_t dim = shape.empty() ? 0 : shape.back();
  if (shape.empty() || shape.size() > 2 || dim != index_->dim())
    throw Error(ErrorCode::kData, "[query] " + npy.string() + ": a vector of " + std::to_string(index_->dim()) +
                                      " numbers is required (shape [D] or [Q, D]), the last dimension is " +
                                      std::to_string(dim));
  std::vector<float> widened;
  if (file.dtype() == "<f2") {
    widened.resize(file.float16().size());
    halves_to_floats(file.float16(), widened);
  }
  const std::span<const float> values = file.dtype() == "<f2" ? widened : file.float32();
  std::vector<QueryAnswer> out;
  for (size_t at = 0; at < values.size(); at += static_cast<size_t>(dim)) {
    const std::string row = shape.size() == 2 ? " row " + std::to_string(at / static_cast<size_t>(dim)) : "";
    out.push_back(answer(npy.string() + row, values.subspan(at, static_cast<size_t>(dim)), options));
  }
  return out;
}

std::vector<fs::path> picture_files(const fs::path& file_or_folder) {
  if (!fs::exists(file_or_folder))
    throw Error(ErrorCode::kNotFound, "[query] no such picture or folder: " + file_or_folder.string());
  if (!fs::is_directory(file_or_folder)) return {file_or_folder};
  DataSource source;
  source.data = file_or_folder.string();
  std::vector<fs::path> files;
  for (const auto& item : read_dataset(source).items) {
    const fs::path path = item.path;
    files.push_back(path.is_absolute() ? path : file_or_folder / path);
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace winnow
