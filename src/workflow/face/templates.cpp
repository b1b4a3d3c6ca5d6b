#include <nlohmann/json.hpp>

#include "src/core/error.h"
#include "src/core/tables.h"
#include "src/evaluation/face/ijb_files.h"
#include "src/image/codec.h"
#include "src/workflow/face/steps.h"

namespace winnow {
namespace {

struct Ijb {
  IjbFaces meta;
  std::vector<float> vectors;  ///< raw, views summed; [rows, dim]
  int64_t dim = 0;
};

std::string prefix_of(const FaceEvalOptions& options) { return options.protocol.substr(0, 4); }

/// Crops are aligned by their five points before they reach the network, as the benchmark's scripts do it.
FaceSet embed_crops(const IjbFaces& meta, const FaceEvalOptions& options) {
  if (!options.source.embeddings.empty()) return faces_of_names(meta.names, options.source);
  const auto store = open_folder_store(options.source.images);
  const FaceTemplate face = face_template("arcface112");
  return faces_of_reader(
      meta.names,
      [store, face, &meta](int64_t i) {
        const auto row = static_cast<size_t>(i);
        FacePoints points;
        for (size_t p = 0; p < 5; ++p)
          points[p] = {static_cast<double>(meta.landmarks[row][2 * p]),
                       static_cast<double>(meta.landmarks[row][2 * p + 1])};
        const Image crop = decode_image(store->read(meta.names[row]), meta.names[row]);
        return warp_face(crop, fit_similarity(points, face.points, AlignRule::kUmeyama), face.width, face.height);
      },
      options.source);
}

Ijb load_ijb(const FaceEvalOptions& options, FaceRun& run) {
  if (options.pairs.empty()) throw Error(ErrorCode::kUsage, "[ijb] --pairs META (the folder of lists) is required");
  Ijb out;
  out.meta = read_ijb_faces(options.pairs, prefix_of(options));
  FaceSet set = embed_crops(out.meta, options);
  set.picture = nullptr;  // its reader points into this function's metadata
  adopt_set(run, std::move(set));
  const auto& f = run.set.features;
  out.dim = f.dim;
  out.vectors = f.plain;
  for (size_t i = 0; i < f.mirrored.size(); ++i) out.vectors[i] += f.mirrored[i];
  run.facts.emplace_back("templates", std::to_string(out.meta.faces.size()) + " faces of templates, " +
                                          std::to_string(out.meta.names.size()) + " crops");
  return out;
}

double cosine(const Templates& t, int64_t a, int64_t b) {
  double sum = 0;
  for (int64_t d = 0; d < t.dim; ++d)
    sum += static_cast<double>(t.vectors[static_cast<size_t>(a * t.dim + d)]) *
           static_cast<double>(t.vectors[static_cast<size_t>(b * t.dim + d)]);
  return sum;
}

VerificationScores template_scores(const Templates& templates, const std::vector<TemplatePair>& pairs) {
  std::vector<FacePair> rows;
  std::vector<double> scores;
  for (const auto& p : pairs) {
    const int64_t a = templates.find(p.a), b = templates.find(p.b);
    if (a < 0 || b < 0)
      throw Error(ErrorCode::kData,
                  "[ijb] the pair list names template " + std::to_string(a < 0 ? p.a : p.b) + ", which has no faces");
    rows.push_back({a, b, p.same, 0});
    scores.push_back(cosine(templates, a, b));
  }
  return collect_scores(scores, rows);
}

struct Side {
  std::vector<float> vectors;
  std::vector<int64_t> subjects;
};

void add_side(const Templates& templates, const std::map<int64_t, int64_t>& subjects, const std::string& file,
              Side& out) {
  for (const auto& [id, subject] : subjects) {
    const int64_t at = templates.find(id);
    if (at < 0)
      throw Error(ErrorCode::kData, "[ijb] " + file + " names template " + std::to_string(id) + ", which has no faces");
    out.vectors.insert(out.vectors.end(), templates.vectors.begin() + at * templates.dim,
                       templates.vectors.begin() + (at + 1) * templates.dim);
    out.subjects.push_back(subject);
  }
}

}  // namespace

FaceRun run_ijb_verify(const FaceEvalOptions& options) {
  FaceRun run;
  const Ijb ijb = load_ijb(options, run);
  const auto pairs = read_template_pairs(fs::path(options.pairs) / (prefix_of(options) + "_template_pair_label.txt"));
  const std::vector<double> fars =
      options.fars.empty() ? std::vector<double>{1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1} : options.fars;
  for (const auto& mode : pooling_modes()) {
    const Templates templates = pool_templates(ijb.vectors, ijb.dim, ijb.meta.faces, ijb.meta.score, mode);
    VerificationScores scores = template_scores(templates, pairs);
    for (const double far : fars)
      if (const auto point = tar_at_far(scores, far, FarRule::kStrict))
        run.metrics["tar@far=" + target_text(far) + " [" + mode.name() + "]"] = point->tar;
    // The first mode (norm kept, detector weight, media mean) is the usual N1D1 setting and gives the main figures.
    if (!run.scores) {
      run.facts.emplace_back("main figures", mode.name());
      if (templates.failed_faces > 0)
        run.notes.push_back(std::to_string(templates.failed_faces) +
                            " faces gave no vector and add nothing to their templates");
      add_verification(run, std::move(scores), fars, 0, options.seed);
    }
  }
  run.queries = static_cast<int64_t>(pairs.size());
  run.gallery = static_cast<int64_t>(ijb.meta.names.size());
  return run;
}

FaceRun run_ijb_identify(const FaceEvalOptions& options) {
  FaceRun run;
  const Ijb ijb = load_ijb(options, run);
  const std::string prefix = prefix_of(options), letter = prefix == "ijbc" ? "G" : "S";
  const Templates templates = pool_templates(ijb.vectors, ijb.dim, ijb.meta.faces, ijb.meta.score, {});
  const fs::path probe_file = fs::path(options.pairs) / (prefix + "_1N_probe_mixed.csv");
  Side probes;
  add_side(templates, read_template_subjects(probe_file), probe_file.string(), probes);
  const VectorRows probe_rows{probes.vectors, static_cast<int64_t>(probes.subjects.size()), templates.dim};
  std::map<std::string, double> sums;
  for (const std::string number : {"1", "2"}) {
    const fs::path file = fs::path(options.pairs) / (prefix + "_1N_gallery_" + letter + number + ".csv");
    Side gallery;
    add_side(templates, read_template_subjects(file), file.string(), gallery);
    FaceRun one;
    // Each gallery alone: in both together every probe is mated and "FAR" is no FPIR.
    add_search(one,
               search_gallery(probe_rows, probes.subjects,
                              {gallery.vectors, static_cast<int64_t>(gallery.subjects.size()), templates.dim},
                              gallery.subjects),
               options.fpirs.empty() ? std::vector<double>{1e-2, 1e-1} : options.fpirs, options.rank);
    for (const auto& [name, value] : one.metrics) {
      run.metrics[name + " [" + letter + number + "]"] = value;
      sums[name] += value / 2;
    }
    run.gallery += static_cast<int64_t>(gallery.subjects.size());
    run.notes.insert(run.notes.end(), one.notes.begin(), one.notes.end());
    run.search = std::move(one.search);
    run.cmc = std::move(one.cmc);
    run.open_points = std::move(one.open_points);
  }
  run.metrics.insert(sums.begin(), sums.end());
  run.facts.emplace_back("averages",
                         "metrics without a gallery name are means over both galleries; curves show the second");
  run.queries = probe_rows.rows;
  return run;
}

}  // namespace winnow
