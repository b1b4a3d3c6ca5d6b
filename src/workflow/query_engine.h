#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "retrieval/index.h"
#include "retrieval/postprocess/answers.h"
#include "retrieval/score_words.h"
#include "src/workflow/eval_threshold.h"
#include "src/workflow/picture_encoder.h"

namespace winnow {

struct QueryHit {
  int rank = 1;  ///< 1-based
  int64_t id = 0;
  float score = 0;  ///< cosine in [-1, 1]
  std::string path, label;
  std::string word;                 ///< match, possible or unlikely; empty when the index was not calibrated
  std::vector<int64_t> duplicates;  ///< ids collapsed into this hit
};

struct QueryAnswer {
  std::string source;  ///< picture path, "item 17" or vector file
  std::vector<QueryHit> hits;
  std::string plan;  ///< how `where` was answered; empty without one
  std::string
      verdict;  ///< match, possible match or no confident match (calibrated index), or same, similar (model card)
};

/// What to search by: exactly one of pictures, item and vectors.
struct QueryInputs {
  std::vector<std::string> images;  ///< pictures or folders of pictures
  bool combine = false;             ///< all pictures show one thing
  std::optional<int64_t> item;
  std::string vector;  ///< .npy file
};

/// An index with the model that made its vectors. The model is loaded on the first picture only, so that vector and
/// item queries start fast. Searching is thread-safe after the model is loaded.
class QueryEngine {
 public:
  /// @param model  model folder; empty = the one recorded in the index
  QueryEngine(const fs::path& index, fs::path model);

  /// An answer for each picture (or one for all), item or vector. @throws Error(kUsage) for none or several kinds
  std::vector<QueryAnswer> ask(const QueryInputs& inputs, const SearchOptions& options);

  /// @throws Error(kNotFound | kData) for a picture, Error(kMismatch) when the model did not make this index
  QueryAnswer by_image(const fs::path& file, const SearchOptions& options);
  /// One query from several pictures of the same thing: the mean of their vectors.
  QueryAnswer by_images(const std::vector<fs::path>& files, const SearchOptions& options);
  /// "More like this": the item itself is left out.
  QueryAnswer by_item(int64_t id, SearchOptions options) const;
  /// Each row of a .npy file (float32 or float16, [D] or [Q, D]).
  std::vector<QueryAnswer> by_vectors(const fs::path& npy, const SearchOptions& options) const;

  const Index& index() const { return *index_; }
  /// What later queries do beyond the plain search; with `range` they give every hit of at least that score.
  void refine(const RefineOptions& options, std::optional<float> range);
  /// The model's network, loaded now if it is not yet.
  const PictureEncoder& encoder();

 private:
  QueryAnswer answer(std::string source, std::span<const float> vector, const SearchOptions& options) const;
  std::vector<float> embed(const fs::path& file);

  fs::path index_folder_, model_folder_;
  std::unique_ptr<Index> index_;
  std::optional<ScoreWords> words_;
  MatchLevels levels_;  ///< of the model's card; used where the index was not calibrated
  RefineOptions refine_;
  std::optional<float> range_;
  std::unique_ptr<PictureEncoder> encoder_;
};

/// Picture files of a folder (recursive, sorted) or the file itself. @throws Error(kNotFound | kData) for none
std::vector<fs::path> picture_files(const fs::path& file_or_folder);

}  // namespace winnow
