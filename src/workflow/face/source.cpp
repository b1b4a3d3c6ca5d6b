#include "src/workflow/face/source.h"

#include <unordered_map>

#include "retrieval/embeddings.h"
#include "src/core/error.h"
#include "src/core/tables.h"
#include "src/image/codec.h"
#include "src/workflow/pictures.h"

namespace winnow {
namespace {

Image decode(std::string_view bytes, const std::string& name) {
  return decode_image(std::as_bytes(std::span(bytes.data(), bytes.size())), name);
}

/// The name itself, or the same name with another ending of picture files (lists say .jpg, copies are often .png).
std::string stored_name(const ImageStore& store, const std::string& name) {
  if (store.contains(name)) return name;
  const fs::path path(name);
  for (const char* ending : {".jpg", ".png", ".jpeg", ".bmp", ".pgm", ".ppm", ".webp"}) {
    const std::string other = fs::path(path).replace_extension(ending).generic_string();
    if (store.contains(other)) return other;
  }
  return name;
}

void add_model(FaceSet& set, FaceModel& model, const FacePictures& pictures, const FaceSourceOptions& options) {
  FaceEmbedding made = embed_faces(model, pictures, options.fit, options.flip, options.max_bad);
  set.features = std::move(made.features);
  set.failed = std::move(made.failed);
  set.embed_seconds = made.seconds;
  set.picture = pictures.read;
  if (!made.signs.warning.empty()) set.notes.push_back("alignment: " + made.signs.warning);
  set.facts.emplace_back("network", model.description());
  set.facts.emplace_back("network SHA-256", model.digest());
  set.model_digest = model.digest();
  set.facts.emplace_back("pictures of another size", "fit '" + options.fit + "'");
  if (made.signs.pictures > made.signs.odd_size && made.signs.pictures >= 20)
    set.facts.emplace_back("mean picture", "eyes " + format_number(made.signs.eye_contrast, 1) +
                                               " grey levels darker than cheeks, mirror correlation " +
                                               format_number(made.signs.symmetry, 2));
}

FaceSet embed_names(const std::vector<std::string>& names, const FaceSourceOptions& options) {
  if (options.images.empty() || options.model.model.empty())
    throw Error(ErrorCode::kUsage, "[face] --images DIR and --model MODEL are required, or --embeddings EMB");
  const auto store = fs::path(options.images).extension() == ".tar" ? open_tar_store({options.images})
                                                                    : open_folder_store(options.images);
  const auto model = open_face_model(options.model);
  FaceSet set;
  set.names = names;
  set.facts.emplace_back("pictures", options.images);
  const FacePictures pictures{names, [store, names](int64_t i) {
                                const auto& name = names[static_cast<size_t>(i)];
                                return decode_image(store->read(stored_name(*store, name)), name);
                              }};
  add_model(set, *model, pictures, options);
  return set;
}

void describe(FaceSet& set, const Embeddings& e) {
  set.facts.emplace_back("embeddings", e.folder().string());
  set.facts.emplace_back("model SHA-256", e.info().model_digest);
  set.model_digest = e.info().model_digest;
  set.facts.emplace_back("vectors SHA-256", e.info().vectors_digest);
  set.notes.push_back("vectors come from an embeddings folder: one view, no mirrored pictures of our own");
}

FaceSet look_up_names(const std::vector<std::string>& names, const FaceSourceOptions& options) {
  const Embeddings e = Embeddings::open(options.embeddings);
  std::unordered_map<std::string, int64_t> row;
  for (int64_t r = 0; r < e.rows(); ++r) {
    const fs::path path(e.items()[static_cast<size_t>(r)].path);
    row.emplace(path.generic_string(), r);
    row.emplace(fs::path(path).replace_extension().generic_string(), r);
  }
  FaceSet set;
  set.names = names;
  describe(set, e);
  set.features.rows = static_cast<int64_t>(names.size());
  set.features.dim = e.dim();
  for (const auto& name : names) {
    auto at = row.find(name);
    if (at == row.end()) at = row.find(fs::path(name).replace_extension().generic_string());
    if (at == row.end()) {
      set.failed.push_back(name + ": not in " + (e.folder() / "items.csv").string());
      set.features.plain.insert(set.features.plain.end(), static_cast<size_t>(e.dim()), 0.f);
      continue;
    }
    const auto vector = e.vector(at->second);
    set.features.plain.insert(set.features.plain.end(), vector.begin(), vector.end());
  }
  if (static_cast<double>(set.failed.size()) > options.max_bad * static_cast<double>(names.size()))
    throw Error(ErrorCode::kData, "[face] " + std::to_string(set.failed.size()) + " of " +
                                      std::to_string(names.size()) + " pictures have no vector, more than --max-bad " +
                                      "allows; the first: " + set.failed.front());
  const auto finder = std::make_shared<PictureFinder>(e.info().data);
  set.picture = [finder, names](int64_t i) { return finder->picture(names[static_cast<size_t>(i)]); };
  return set;
}

FaceSet collection_of_embeddings(const FaceSourceOptions& options) {
  const Embeddings e = Embeddings::open(options.embeddings);
  FaceSet set;
  describe(set, e);
  set.features = {{e.vectors().begin(), e.vectors().end()}, {}, e.rows(), e.dim()};
  std::unordered_map<std::string, int64_t> number;
  for (const auto& item : e.items()) {
    set.names.push_back(item.path);
    if (item.label.empty()) {
      set.labels.push_back(-1);
      continue;
    }
    const auto [at, fresh] = number.emplace(item.label, static_cast<int64_t>(set.label_names.size()));
    if (fresh) set.label_names.push_back(item.label);
    set.labels.push_back(at->second);
  }
  const auto finder = std::make_shared<PictureFinder>(e.info().data);
  set.picture = [finder, names = set.names](int64_t i) { return finder->picture(names[static_cast<size_t>(i)]); };
  return set;
}

}  // namespace

FaceSet faces_of_names(const std::vector<std::string>& names, const FaceSourceOptions& options) {
  return options.embeddings.empty() ? embed_names(names, options) : look_up_names(names, options);
}

FaceSet faces_of_reader(const std::vector<std::string>& names, std::function<Image(int64_t)> read,
                        const FaceSourceOptions& options) {
  if (options.model.model.empty())
    throw Error(ErrorCode::kUsage, "[face] --model MODEL is required, or --embeddings EMB");
  const auto model = open_face_model(options.model);
  FaceSet set;
  set.names = names;
  add_model(set, *model, {names, std::move(read)}, options);
  return set;
}

FaceSet faces_of_list(const FacePairList& list, const std::vector<std::string_view>& bin_pictures,
                      const FaceSourceOptions& options) {
  if (bin_pictures.empty()) return faces_of_names(list.images, options);
  if (options.model.model.empty()) throw Error(ErrorCode::kUsage, "[face] --model MODEL is required for a .bin file");
  const auto model = open_face_model(options.model);
  FaceSet set;
  set.names = list.images;
  const FacePictures pictures{list.images, [bin_pictures, names = list.images](int64_t i) {
                                return decode(bin_pictures[static_cast<size_t>(i)], names[static_cast<size_t>(i)]);
                              }};
  add_model(set, *model, pictures, options);
  return set;
}

FaceSet faces_of_collection(const FaceSourceOptions& options) {
  if (!options.embeddings.empty()) return collection_of_embeddings(options);
  if (options.data.data.empty() || options.model.model.empty())
    throw Error(ErrorCode::kUsage,
                "[face] this protocol needs DATA with labels and --model MODEL, or --embeddings EMB");
  const auto dataset = std::make_shared<Dataset>(read_dataset(options.data));
  const auto model = open_face_model(options.model);
  FaceSet set;
  set.labels = dataset->labels();
  set.label_names = dataset->label_names;
  for (const auto& item : dataset->items) set.names.push_back(item.path);
  set.facts.emplace_back("data", options.data.data);
  set.facts.emplace_back("data SHA-256 (row, path, label)", dataset->digest);
  const FacePictures pictures{set.names, [dataset](int64_t i) {
                                const auto& path = dataset->items[static_cast<size_t>(i)].path;
                                return decode_image(dataset->store->read(path), path);
                              }};
  add_model(set, *model, pictures, options);
  return set;
}

}  // namespace winnow
