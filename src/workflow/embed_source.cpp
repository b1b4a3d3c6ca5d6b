#include "src/workflow/embed_source.h"

#include "retrieval/index.h"
#include "retrieval/postprocess/whitening_file.h"
#include "src/core/error.h"
#include "src/core/log.h"
#include "src/core/progress.h"
#include "src/workflow/pictures.h"

namespace winnow {

EmbedResult embed_source(const DataSource& source, LoadedModel& model, const fs::path& model_folder,
                         EmbedOptions options, const fs::path& out) {
  Dataset dataset = read_dataset(source);
  dataset.name = source_to_text(source);
  options.model_path = absolute_path(model_folder.string());
  return embed_dataset(dataset, model, options, out);
}

std::shared_ptr<const Whitening> chosen_whitening(const WhiteningChoice& choice) {
  if (choice.kind.empty()) {
    if (!choice.from.empty() || choice.dim > 0)
      throw Error(ErrorCode::kUsage, "[embed] --whiten pca or pairs is required with --whiten-from and --whiten-dim");
    return nullptr;
  }
  if (choice.from.empty())
    throw Error(ErrorCode::kUsage,
                "[embed] --whiten needs --whiten-from EMBEDDINGS, of pictures that are not tested on");
  return std::make_shared<const Whitening>(learn_whitening(Embeddings::open(choice.from), choice.kind, choice.dim));
}

void follow_recipe(const fs::path& folder, EmbedOptions& options) {
  std::string recipe, whitening;
  if (holds_embeddings(folder)) {
    const EmbeddingsInfo info = Embeddings::open(folder, false).info();
    recipe = info.recipe;
    whitening = info.whitening_digest;
  } else {
    const IndexInfo info = read_index_info(folder);
    recipe = info.recipe;
    whitening = info.whitening_digest;
  }
  options.recipe = EmbedRecipe::parse(recipe, "[" + folder.string() + "]");
  if (!whitening.empty()) options.whitening = std::make_shared<const Whitening>(find_whitening(folder, whitening));
}

bool holds_embeddings(const fs::path& folder) {
  return fs::exists(folder / "card.json") && fs::exists(folder / "vectors.npy") && fs::exists(folder / "items.csv");
}

EmbedResult whiten_folder(const fs::path& folder, WhiteningChoice choice, const fs::path& out,
                          const std::string& dtype) {
  if (choice.kind.empty())
    throw Error(ErrorCode::kUsage,
                "[embed] " + folder.string() + " holds embeddings: --whiten pca or pairs is required");
  const Progress progress("whiten", 1, "folders");
  const auto from = Embeddings::open(folder);
  if (choice.from.empty()) {
    choice.from = folder;
    log_info("whitening is learned on {} itself: good as a gallery, not as queries", folder.string());
  }
  whiten_embeddings(from, *chosen_whitening(choice), out, dtype);
  EmbedResult result;
  result.images = from.rows();
  result.seconds = progress.seconds();
  return result;
}

}  // namespace winnow
