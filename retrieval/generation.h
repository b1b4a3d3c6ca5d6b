#pragma once

#include <map>
#include <optional>
#include <string>

#include "retrieval/faiss_index.h"
#include "retrieval/index.h"

namespace winnow {

// Internal to retrieval: the folder of an index, FOLDER/CURRENT -> FOLDER/generation-000042/.

inline constexpr const char* kVectorsFaiss = "vectors.faiss";
inline constexpr const char* kVectorsNpy = "vectors.npy";
inline constexpr const char* kIdsNpy = "ids.npy";
inline constexpr const char* kItemsSqlite = "items.sqlite";
inline constexpr const char* kManifest = "manifest.json";

struct Manifest {
  IndexInfo info;
  std::map<std::string, WrittenFile> files;  ///< every file but the manifest itself
};

void write_manifest(const fs::path& generation, const Manifest& manifest);
/// @throws Error(kData) naming the file; every file of the layout is listed in the result
Manifest read_manifest(const fs::path& generation);

/// Folder that CURRENT names. @throws Error(kNotFound | kData)
fs::path current_generation(const fs::path& folder);

/// The one writer of an index folder. A new generation is filled under a temporary name and appears with publish();
/// without publish() the destructor removes it.
class GenerationWriter {
 public:
  /// Takes the lock and removes what dead writers left. @throws Error(kDevice) when another writer holds the lock
  /// @param held  the folder's lock when the caller has it already
  explicit GenerationWriter(const fs::path& folder, std::shared_ptr<FolderLock> held = nullptr);
  ~GenerationWriter();
  GenerationWriter(const GenerationWriter&) = delete;
  GenerationWriter& operator=(const GenerationWriter&) = delete;

  const fs::path& path() const { return temporary_; }
  int64_t number() const { return number_; }
  /// fsync of every file, so that publish() has little left to do.
  void sync() const;
  /// fsync, rename, CURRENT, then removes generations that are no longer wanted. @return the generation's folder
  fs::path publish(bool keep_old);

 private:
  std::map<int64_t, fs::path> generations() const;

  fs::path folder_, temporary_;
  std::shared_ptr<FolderLock> lock_;
  std::optional<int64_t> current_;
  int64_t number_ = 1;
  bool published_ = false;
};

/// Size and SHA-256 of a file already on disk.
WrittenFile measure_file(const fs::path& file);

}  // namespace winnow
