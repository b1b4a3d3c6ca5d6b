#include "src/workflow/face/align.h"

#include <nlohmann/json.hpp>

#include "data/landmarks.h"
#include "src/core/csv.h"
#include "src/core/error.h"
#include "src/core/interrupt.h"
#include "src/core/json.h"
#include "src/core/parallel.h"
#include "src/core/progress.h"
#include "src/core/tables.h"
#include "src/image/codec.h"

namespace winnow {
namespace {

/// What became of one picture.
struct Outcome {
  std::string file, fault;
  double residual = 0;
};

Outcome align_one(const Dataset& dataset, const Item& item, const Landmarks& landmarks, const FaceTemplate& face,
                  AlignRule rule, const fs::path& out) {
  Outcome result;
  const auto at = landmarks.find(item.path);
  if (at == landmarks.end()) {
    result.fault = "no landmarks";
    return result;
  }
  try {
    const Image picture = decode_image(dataset.store->read(item.path), item.path);
    const Similarity warp = fit_similarity(at->second, face.points, rule);
    result.residual = alignment_residual(warp, at->second, face.points);
    const auto bytes = encode_png(warp_face(picture, warp, face.width, face.height));
    result.file = fs::path(item.path).relative_path().lexically_normal().replace_extension(".png").generic_string();
    if (result.file.starts_with("..")) throw Error(ErrorCode::kData, "a path below the collection is required");
    make_folder((out / result.file).parent_path());
    write_file_atomically(out / result.file, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  } catch (const Error& e) {
    if (e.code() != ErrorCode::kData && e.code() != ErrorCode::kNotFound) throw;
    result.fault = e.what();
    result.file.clear();
  }
  return result;
}

void write_lists(const Dataset& dataset, const std::vector<Outcome>& outcomes, const AlignOptions& options,
                 const AlignResult& result, const fs::path& out) {
  std::string manifest = csv_line({"path", "label"});
  for (size_t i = 0; i < outcomes.size(); ++i)
    if (!outcomes[i].file.empty()) {
      const int64_t label = dataset.items[i].label;
      manifest += csv_line({outcomes[i].file, label < 0 ? "" : dataset.label_names[static_cast<size_t>(label)]});
    }
  write_file_atomically(out / "manifest.csv", manifest);
  nlohmann::ordered_json card = {{"template", options.face},
                                 {"rule", options.rule},
                                 {"landmarks", options.landmarks},
                                 {"aligned", result.aligned},
                                 {"failed", result.failed},
                                 {"poor_fit", result.poor},
                                 {"mean_residual_pixels", result.mean_residual}};
  if (fs::is_regular_file(options.landmarks)) card["landmarks_sha256"] = sha256_file(options.landmarks);
  write_json_atomically(out / "align.json", card);
}

}  // namespace

AlignResult align_collection(const DataSource& source, const AlignOptions& options, const fs::path& out) {
  const FaceTemplate face = face_template(options.face);
  const AlignRule rule = align_rule(options.rule);
  const Landmarks landmarks = read_landmarks(options.landmarks);
  const Dataset dataset = read_dataset(source);
  make_folder(out);
  std::vector<Outcome> outcomes(dataset.items.size());
  Progress progress("align", static_cast<int64_t>(outcomes.size()), "pictures");
  parallel_for(static_cast<int64_t>(outcomes.size()), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      if (interrupted()) throw Error(ErrorCode::kInterrupted, "[align] stopped by the user");
      outcomes[static_cast<size_t>(i)] =
          align_one(dataset, dataset.items[static_cast<size_t>(i)], landmarks, face, rule, out);
      progress.add();
    }
  });
  progress.finish();
  AlignResult result;
  result.pictures = static_cast<int64_t>(outcomes.size());
  for (size_t i = 0; i < outcomes.size(); ++i) {
    const auto& path = dataset.items[i].path;
    if (!outcomes[i].fault.empty()) {
      result.failed.push_back(path + ": " + outcomes[i].fault);
      continue;
    }
    ++result.aligned;
    result.mean_residual += outcomes[i].residual;
    if (outcomes[i].residual > options.max_residual * face.width)
      result.poor.push_back(path + ": points lie " + format_number(outcomes[i].residual, 1) +
                            " pixels from the template");
  }
  if (result.aligned == 0)
    throw Error(ErrorCode::kData, "[align] no picture could be aligned; the first: " + result.failed.front());
  result.mean_residual /= static_cast<double>(result.aligned);
  write_lists(dataset, outcomes, options, result, out);
  return result;
}

}  // namespace winnow
