#include "retrieval/generation.h"

#include <unistd.h>

#include <cstdio>

#include "retrieval/sealed_json.h"
#include "src/core/error.h"
#include "src/core/text.h"

namespace winnow {
namespace {

constexpr const char* kFormat = "winnow-index";
constexpr const char* kPrefix = "generation-";

std::string generation_name(int64_t number) {
  char text[48];
  std::snprintf(text, sizeof text, "%s%06lld", kPrefix, static_cast<long long>(number));
  return text;
}

/// Number of a finished generation's folder name.
std::optional<int64_t> generation_number(const std::string& name) {
  if (!name.starts_with(kPrefix)) return {};
  const auto number = parse_int(std::string_view(name).substr(std::char_traits<char>::length(kPrefix)));
  return number && *number >= 1 && generation_name(*number) == name ? number : std::nullopt;
}

bool is_leftover(const std::string& name) {
  return (name.starts_with(kPrefix) && name.find(".tmp-") != std::string::npos) || name.starts_with(".CURRENT.tmp.");
}

void remove_tree(const fs::path& path) {
  std::error_code failed;
  fs::remove_all(path, failed);
  if (failed) {
    throw Error(ErrorCode::kDevice, "[" + path.string() + "] cannot remove an old folder: " + failed.message());
  }
}

nlohmann::json history_json(const std::vector<IndexEvent>& history) {
  auto all = nlohmann::json::array();
  for (const auto& e : history) {
    all.push_back({{"generation", e.generation},
                   {"created", e.created},
                   {"what", e.what},
                   {"factory", e.factory},
                   {"count", e.count},
                   {"recall_at_10", e.recall_at_10}});
  }
  return all;
}

/// Absent in folders written before histories were kept.
std::vector<IndexEvent> read_history(const nlohmann::json& manifest, const fs::path& file) {
  std::vector<IndexEvent> history;
  if (!manifest.contains("history")) return history;
  for (const auto& e : json_field<nlohmann::json>(manifest, "history", file)) {
    history.push_back({json_field<int64_t>(e, "generation", file), json_field<std::string>(e, "created", file),
                       json_field<std::string>(e, "what", file), json_field<std::string>(e, "factory", file),
                       json_field<int64_t>(e, "count", file), json_field<double>(e, "recall_at_10", file)});
  }
  return history;
}

}  // namespace

void write_manifest(const fs::path& generation, const Manifest& manifest) {
  const auto& info = manifest.info;
  nlohmann::json files = nlohmann::json::object();
  for (const auto& [name, file] : manifest.files) files[name] = {{"bytes", file.bytes}, {"sha256", file.sha256}};
  write_sealed_json(generation / kManifest,
                    {{"count", info.count},
                     {"dim", info.dim},
                     {"probe", info.probe},
                     {"generation", info.generation},
                     {"factory", info.factory},
                     {"type", info.type},
                     {"reason", info.reason},
                     {"metric", info.metric},
                     {"model_digest", info.model_digest},
                     {"preprocessing_digest", info.preprocessing_digest},
                     {"recipe", info.recipe},
                     {"whitening_digest", info.whitening_digest},
                     {"augmented", info.augmented},
                     {"model_path", info.model_path},
                     {"faiss_version", info.faiss_version},
                     {"winnow_version", info.winnow_version},
                     {"created", info.created},
                     {"data", info.data},
                     {"index_bytes", info.index_bytes},
                     {"build_seconds", info.build_seconds},
                     {"recall_at_10", info.recall_at_10},
                     {"history", history_json(info.history)},
                     {"files", files}},
                    kFormat);
}

Manifest read_manifest(const fs::path& generation) {
  const fs::path file = generation / kManifest;
  const auto object = read_sealed_json(file, kFormat);
  const auto text = [&](const char* name) { return json_field<std::string>(object, name, file); };
  const auto number = [&](const char* name) { return json_field<int64_t>(object, name, file); };
  Manifest manifest;
  auto& info = manifest.info;
  info.count = number("count");
  info.dim = number("dim");
  info.probe = number("probe");
  info.generation = number("generation");
  info.factory = text("factory");
  info.type = text("type");
  info.reason = text("reason");
  info.metric = text("metric");
  info.model_digest = text("model_digest");
  info.preprocessing_digest = text("preprocessing_digest");
  info.model_path = text("model_path");
  info.faiss_version = text("faiss_version");
  info.winnow_version = text("winnow_version");
  info.created = text("created");
  info.data = text("data");
  info.index_bytes = json_field<uint64_t>(object, "index_bytes", file);
  info.build_seconds = json_field<double>(object, "build_seconds", file);
  if (object.contains("recall_at_10")) info.recall_at_10 = json_field<double>(object, "recall_at_10", file);
  // Absent in folders written before there were recipes.
  if (object.contains("recipe")) info.recipe = text("recipe");
  if (object.contains("whitening_digest")) info.whitening_digest = text("whitening_digest");
  if (object.contains("augmented")) info.augmented = number("augmented");
  info.history = read_history(object, file);
  const auto files = json_field<nlohmann::json>(object, "files", file);
  for (const char* name : {kVectorsFaiss, kVectorsNpy, kIdsNpy, kItemsSqlite}) {
    const auto entry = json_field<nlohmann::json>(files, name, file);
    manifest.files[name] = {json_field<uint64_t>(entry, "bytes", file), json_field<std::string>(entry, "sha256", file)};
  }
  if (info.count < 1 || info.dim < 1 || info.metric != "cosine") {
    throw Error(ErrorCode::kData, "[" + file.string() + "] count, dim >= 1 and metric cosine are required");
  }
  return manifest;
}

fs::path current_generation(const fs::path& folder) {
  const fs::path pointer = folder / "CURRENT";
  if (!fs::exists(pointer)) {
    throw Error(ErrorCode::kNotFound, "[" + folder.string() +
                                          "] an index folder is required (no CURRENT in it); make one with "
                                          "`winnow index build EMBEDDINGS --out " +
                                          folder.string() + "`");
  }
  const std::string name(trim(read_file(pointer, 4096)));
  if (!generation_number(name)) {
    throw Error(ErrorCode::kData, "[" + pointer.string() + "] a name like generation-000001 is required, got '" +
                                      to_valid_utf8(name.substr(0, 80)) + "'");
  }
  return folder / name;
}

GenerationWriter::GenerationWriter(const fs::path& folder, std::shared_ptr<FolderLock> held)
    : folder_(folder), lock_(std::move(held)) {
  make_folder(folder_);
  if (!lock_) lock_ = std::make_shared<FolderLock>(folder_);
  if (fs::exists(folder_ / "CURRENT")) current_ = generation_number(current_generation(folder_).filename().string());
  for (const auto& entry : fs::directory_iterator(folder_)) {
    if (is_leftover(entry.path().filename().string())) remove_tree(entry.path());
  }
  const auto present = generations();
  if (!present.empty()) number_ = present.rbegin()->first + 1;
  // A generation newer than CURRENT was renamed by a writer that died before it became current.
  for (const auto& [number, path] : present) {
    if (!current_ || number > *current_) remove_tree(path);
  }
  temporary_ = folder_ / (generation_name(number_) + ".tmp-" + std::to_string(::getpid()));
  make_folder(temporary_);
}

GenerationWriter::~GenerationWriter() {
  if (published_) return;
  std::error_code ignored;
  fs::remove_all(temporary_, ignored);
}

void GenerationWriter::sync() const {
  for (const auto& entry : fs::directory_iterator(temporary_)) sync_file(entry.path());
  sync_folder(temporary_);
}

fs::path GenerationWriter::publish(bool keep_old) {
  sync();
  const std::string name = generation_name(number_);
  std::error_code failed;
  fs::rename(temporary_, folder_ / name, failed);
  if (failed) {
    throw Error(ErrorCode::kDevice, "[" + (folder_ / name).string() + "] cannot rename: " + failed.message());
  }
  published_ = true;
  sync_folder(folder_);
  write_file_atomically(folder_ / "CURRENT", name + "\n");
  for (const auto& [number, path] : generations()) {
    if (number != number_ && !(keep_old && current_ && number == *current_)) remove_tree(path);
  }
  return folder_ / name;
}

std::map<int64_t, fs::path> GenerationWriter::generations() const {
  std::map<int64_t, fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    if (const auto number = generation_number(entry.path().filename().string())) found[*number] = entry.path();
  }
  return found;
}

WrittenFile measure_file(const fs::path& file) { return {fs::file_size(file), sha256_file(file)}; }

}  // namespace winnow
