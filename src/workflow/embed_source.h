#pragma once

#include "data/dataset.h"
#include "src/training/embedder.h"

namespace winnow {

/// Embeds a data source with the model of a folder into an embeddings folder whose card says where pictures and model
/// are (so that reports and `query` find them). @throws what read_dataset, load_model and embed_dataset throw
EmbedResult embed_source(const DataSource& source, LoadedModel& model, const fs::path& model_folder,
                         EmbedOptions options, const fs::path& out);

/// Which whitening embeddings get.
struct WhiteningChoice {
  std::string kind;  ///< "" = none, else pca | pairs
  fs::path from;     ///< raw embeddings that it is learned on
  int64_t dim = 0;   ///< 0 = all
};

/// Null without a choice. @throws Error(kUsage) when the choice is half made, what learn_whitening throws
std::shared_ptr<const Whitening> chosen_whitening(const WhiteningChoice& choice);

/// Recipe and whitening of an index or embeddings folder, for vectors that are to go with its own.
/// @throws Error(kNotFound | kData)
void follow_recipe(const fs::path& index_or_embeddings, EmbedOptions& options);

/// Whether a folder holds embeddings rather than pictures.
bool holds_embeddings(const fs::path& folder);

/// Whitens embeddings without running the network again; with no `choice.from` it is learned on them, which then are
/// good as a gallery and not as queries. @throws Error(kUsage) without a choice, what whiten_embeddings throws
EmbedResult whiten_folder(const fs::path& folder, WhiteningChoice choice, const fs::path& out,
                          const std::string& dtype = "float32");

}  // namespace winnow
