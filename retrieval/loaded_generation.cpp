#include "retrieval/loaded_generation.h"

#include "src/core/error.h"

namespace winnow {
namespace {

// Hashing costs about a second a gigabyte, so at open only small files are hashed whole.
constexpr uint64_t kAlwaysHashed = uint64_t{16} << 20;

[[noreturn]] void refuse(const fs::path& file, const std::string& what) {
  throw Error(ErrorCode::kData, "[" + file.string() + "] " + what);
}

}  // namespace

std::span<const int64_t> LoadedGeneration::ids() const {
  return {reinterpret_cast<const int64_t*>(id_file->raw().data()), static_cast<size_t>(manifest.info.count)};
}

const float* LoadedGeneration::rows() const { return index->flat ? index->flat : vectors->float32().data(); }

void check_file(const fs::path& file, const WrittenFile& expected, bool hash) {
  std::error_code missing;
  const uint64_t bytes = fs::file_size(file, missing);
  if (missing) throw Error(ErrorCode::kNotFound, "[" + file.string() + "] is required by manifest.json, it is missing");
  if (bytes != expected.bytes) {
    refuse(file, std::to_string(expected.bytes) + " bytes are required by manifest.json, the file has " +
                     std::to_string(bytes) + ": truncated or replaced");
  }
  if (hash && sha256_file(file) != expected.sha256) {
    refuse(file, "digest differs from manifest.json: the file is damaged; rebuild the index");
  }
}

LoadedGeneration load_generation(const fs::path& generation) {
  LoadedGeneration out;
  out.manifest = read_manifest(generation);
  const auto& info = out.manifest.info;
  for (const auto& [name, expected] : out.manifest.files) {
    const bool hashed_later = name == kVectorsFaiss;
    check_file(generation / name, expected, !hashed_later && expected.bytes <= kAlwaysHashed);
  }
  out.vectors = std::make_unique<NpyFile>(generation / kVectorsNpy);
  if (out.vectors->shape() != std::vector<int64_t>{info.count, info.dim} || out.vectors->dtype() != "<f4") {
    refuse(generation / kVectorsNpy, "float32 [count, dim] of manifest.json is required, the file holds another array");
  }
  out.id_file = std::make_unique<NpyFile>(generation / kIdsNpy);
  if (out.id_file->shape() != std::vector<int64_t>{info.count, 1} || out.id_file->dtype() != "<i8") {
    refuse(generation / kIdsNpy, "int64 [count, 1] of manifest.json is required, the file holds another array");
  }
  out.items = std::make_unique<ItemTable>(generation / kItemsSqlite);
  if (out.items->rows() != info.count) {
    refuse(generation / kItemsSqlite, "rows " + std::to_string(info.count) + " are required by manifest.json, got " +
                                          std::to_string(out.items->rows()));
  }
  const fs::path faiss_file = generation / kVectorsFaiss;
  out.index = std::make_unique<FaissIndex>(
      read_faiss_index(faiss_file, out.manifest.files.at(kVectorsFaiss), info.faiss_version));
  if (out.index->size() != info.count || out.index->dim() != info.dim) {
    refuse(faiss_file, "count and dim of manifest.json are required, the index holds " +
                           std::to_string(out.index->size()) + " x " + std::to_string(out.index->dim()));
  }
  out.index->set_probe(info.probe);
  out.searcher = std::make_unique<Searcher>(*out.index, out.rows());
  return out;
}

}  // namespace winnow
