#include "src/workflow/query_engine.h"

#include <algorithm>

#include "data/dataset.h"
#include "src/core/error.h"
#include "src/training/embedder.h"

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

void QueryEngine::require_model() {
  if (model_) return;
  const auto& info = index_->info();
  if (model_folder_.empty())
    throw Error(
        ErrorCode::kUsage,
        "[query] the index does not know its model (its vectors came from elsewhere); name it with --model DIR");
  const ModelCard card = read_model_card(model_folder_);
  if (!info.model_digest.empty() && card.weights_digest != info.model_digest)
    throw Error(ErrorCode::kMismatch, "[query] " + model_folder_.string() + " is not the model that made " +
                                          index_folder_.string() + " (model " + card.weights_digest.substr(0, 12) +
                                          ", index wants " + info.model_digest.substr(0, 12) +
                                          "). Rebuild the index: winnow embed DATA --model " + model_folder_.string() +
                                          " --out EMB && winnow index build EMB --out " + index_folder_.string());
  if (!info.preprocessing_digest.empty() && card.preprocessing_digest != info.preprocessing_digest)
    throw Error(ErrorCode::kMismatch, "[query] " + model_folder_.string() +
                                          " prepares pictures differently from the model that made " +
                                          index_folder_.string() + "; embed and build the index again");
  model_ = load_model(model_folder_).model->fused();
}

std::vector<float> QueryEngine::embed(const fs::path& file) {
  require_model();
  return embed_file(*model_, file);
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
  const auto values = file.float32();
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
