#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/core/error.h"
#include "src/core/files.h"

namespace winnow::fuzz {

/// A target feeds one input to one parser. It returns 0; anything but an Error with a message, and any broken
/// invariant, ends the process (libFuzzer's way, and the only one that a sanitizer's report survives).
int fuzz_csv(const uint8_t* data, size_t size);
int fuzz_npy(const uint8_t* data, size_t size);
int fuzz_config(const uint8_t* data, size_t size);
int fuzz_pickle(const uint8_t* data, size_t size);   ///< whitelist reader and ground truth of Revisited Oxford
int fuzz_face(const uint8_t* data, size_t size);     ///< face lists, .bin, features, landmarks, RecordIO
int fuzz_bin(const uint8_t* data, size_t size);      ///< InsightFace .bin: pickle, pictures, folds
int fuzz_pairs(const uint8_t* data, size_t size);    ///< pair files and folders of every verification protocol
int fuzz_lists(const uint8_t* data, size_t size);    ///< lists of MegaFace and IJB, training lists and containers
int fuzz_truth(const uint8_t* data, size_t size);    ///< ground truth of every retrieval protocol
int fuzz_compare(const uint8_t* data, size_t size);  ///< results that winnow compare reads

/// Ends the process with a message when an invariant does not hold.
void require(bool holds, const char* invariant);

/// A file in memory that parsers can open by name.
class MemoryFile {
 public:
  MemoryFile(const uint8_t* data, size_t size);
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::string path() const;

 private:
  int fd_;
};

/// A folder in memory where there is one (/dev/shm), for readers of several files.
class MemoryFolder {
 public:
  MemoryFolder();
  ~MemoryFolder();
  MemoryFolder(const MemoryFolder&) = delete;
  MemoryFolder& operator=(const MemoryFolder&) = delete;
  /// Makes the folder hold these files and no others. @param names  below the folder, with folders of their own
  void hold(const std::vector<std::string>& names, const std::vector<std::string>& texts);
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
  std::vector<fs::path> held_;
};

/// An input's files: cut at the byte 0x1E. At most `most` parts; what follows belongs to the last.
std::vector<std::string> parts_of(std::string_view text, size_t most);

/// Errors of readers say what is damaged or missing, in valid UTF-8 of bounded length.
void require_reader_error(const Error& e);

}  // namespace winnow::fuzz
