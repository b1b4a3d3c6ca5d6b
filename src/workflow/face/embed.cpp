#include "src/workflow/face/embed.h"

#include <nlohmann/json.hpp>

#include "retrieval/embeddings.h"
#include "src/workflow/pictures.h"

namespace winnow {

FaceEmbedResult embed_with_network(const FaceSourceOptions& options, const fs::path& out, const std::string& dtype) {
  const FaceSet set = faces_of_collection(options);
  const UnitVectors unit = unit_vectors(set.features, options.flip ? FlipMode::kSum : FlipMode::kNone);
  const Dataset dataset = read_dataset(options.data);
  EmbeddingsInfo info;
  info.model_digest = sha256_file(options.model.model);
  info.preprocessing_digest = sha256_hex(options.model.pixels + "|" + std::to_string(options.model.size) + "|" +
                                         options.fit + (options.flip ? "|flip" : ""));
  info.model_path = absolute_path(options.model.model);
  info.dtype = dtype;
  info.data = source_to_text(options.data);
  EmbeddingsWriter writer(out, unit.dim, unit.rows, info);
  FaceEmbedResult result{0, unit.dim, set.failed, set.notes, set.embed_seconds};
  for (int64_t r = 0; r < unit.rows; ++r) {
    if (unit.failed[static_cast<size_t>(r)]) continue;
    const auto& item = dataset.items[static_cast<size_t>(r)];
    const std::string label = item.label < 0 ? "" : dataset.label_names[static_cast<size_t>(item.label)];
    const auto row = unit.row(r);
    const std::vector<float> vector(row.begin(), row.end());
    writer.add({item.row, item.path, label, {}}, vector);
    ++result.images;
  }
  writer.commit();
  return result;
}

nlohmann::ordered_json face_embed_json(const FaceEmbedResult& r, const fs::path& out) {
  return {{"embeddings", out.string()}, {"images", r.images},  {"dim", r.dim}, {"bad", r.bad},
          {"notes", r.notes},           {"seconds", r.seconds}};
}

std::string face_embed_text(const FaceEmbedResult& r, const fs::path& out) {
  std::string text;
  for (const auto& bad : r.bad) text += "left out  " + bad + "\n";
  for (const auto& note : r.notes) text += "note: " + note + "\n";
  return text + std::to_string(r.images) + " pictures in " + out.string() + "\nnext: winnow index build " +
         out.string() + " --out IDX\n";
}

}  // namespace winnow
