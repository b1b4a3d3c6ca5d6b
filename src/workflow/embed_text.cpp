#include "src/workflow/embed_text.h"

#include <nlohmann/json.hpp>

#include "src/core/tables.h"
#include "src/core/text.h"

namespace winnow {

nlohmann::ordered_json embed_json(const EmbedResult& r, const fs::path& out) {
  const EmbeddingsInfo info = Embeddings::open(out, false).info();
  return {{"embeddings", out.string()},
          {"images", r.images},
          {"dim", info.dim},
          {"recipe", info.recipe},
          {"whitening", info.whitening_digest},
          {"bad", r.bad},
          {"seconds", r.seconds},
          {"images_per_second", r.images_per_second},
          {"wait_share", r.wait_share}};
}

std::string embed_text(const EmbedResult& r, const fs::path& out) {
  std::string text;
  for (const auto& bad : r.bad) text += "left out  " + bad + "\n";
  return text + std::to_string(r.images) + " pictures in " + out.string() +
         (r.images_per_second > 0 ? "  (" + format_number(r.images_per_second, 1) + " images/s)" : "") +
         "\nnext: winnow index build " + out.string() + " --out IDX\n";
}

}  // namespace winnow
