#pragma once

#include "data/dataset.h"
#include "src/training/embedder.h"

namespace winnow {

/// Embeds a data source with the model of a folder into an embeddings folder whose card says where pictures and model
/// are (so that reports and `query` find them). @throws what read_dataset, load_model and embed_dataset throw
EmbedResult embed_source(const DataSource& source, LoadedModel& model, const fs::path& model_folder,
                         EmbedOptions options, const fs::path& out);

}  // namespace winnow
