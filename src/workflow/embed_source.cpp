#include "src/workflow/embed_source.h"

#include "src/workflow/pictures.h"

namespace winnow {

EmbedResult embed_source(const DataSource& source, LoadedModel& model, const fs::path& model_folder,
                         EmbedOptions options, const fs::path& out) {
  Dataset dataset = read_dataset(source);
  dataset.name = source_to_text(source);
  options.model_path = absolute_path(model_folder.string());
  return embed_dataset(dataset, model, options, out);
}

}  // namespace winnow
