#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "src/workflow/face/source.h"

namespace winnow {

struct FaceEmbedResult {
  int64_t images = 0, dim = 0;
  std::vector<std::string> bad, notes;
  double seconds = 0;
};

/// Embeds a labelled collection with an ONNX network into an embeddings folder: unit vectors (of the sum of both views
/// when options.flip), ids = manifest rows. Unreadable pictures are left out and named.
/// @param dtype  float32 or float16
/// @throws what faces_of_collection throws
FaceEmbedResult embed_with_network(const FaceSourceOptions& options, const fs::path& out,
                                   const std::string& dtype = "float32");

nlohmann::ordered_json face_embed_json(const FaceEmbedResult& result, const fs::path& out);
std::string face_embed_text(const FaceEmbedResult& result, const fs::path& out);

}  // namespace winnow
