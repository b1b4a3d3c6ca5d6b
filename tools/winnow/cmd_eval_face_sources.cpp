#include "tools/winnow/cmd_eval.h"

namespace winnow::cli {

void add_face_sources(CLI::App& verb, FaceEvalOptions& o) {
  auto& s = o.source;
  add_data_options(verb, s.data, false);
  verb.add_option("--protocol", o.protocol, "of faces, see winnow eval face --list");
  verb.add_option("--pairs", o.pairs, "pair list, folder of lists or .bin");
  verb.add_option("--images", s.images, "folder or tar below which the list's pictures lie");
  verb.add_option("--model", s.model.model, "model folder or FILE.onnx");
  verb.add_option("--embeddings", s.embeddings, "embeddings folder instead of pictures and model");
  verb.add_option("--pixels", s.model.pixels, "of an ONNX file: raw, arcface, arcface128, adaface, magface, facexzoo");
  verb.add_option("--size", s.model.size, "picture side of an ONNX file")->check(CLI::Range(16, 1024));
  verb.add_option("--fit", s.fit, "pictures of another size: center, edge (repeat outer columns) or stretch")
      ->check(CLI::IsMember({"center", "edge", "stretch"}));
  verb.add_option("--max-bad", s.max_bad, "share of unreadable pictures that is tolerated")
      ->check(CLI::Range(0.0, 1.0));
  verb.add_option("--distractors", o.distractors, "megaface: list JSON of the distractors");
  verb.add_option("--feature-suffix", o.feature_suffix, "megaface without a model: PATH + this are feature files");
}

}  // namespace winnow::cli
