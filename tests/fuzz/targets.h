#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace winnow::fuzz {

/// A target feeds one input to one parser. It returns 0; anything but an Error with a message, and any broken
/// invariant, ends the process (libFuzzer's way, and the only one that a sanitizer's report survives).
int fuzz_csv(const uint8_t* data, size_t size);
int fuzz_npy(const uint8_t* data, size_t size);
int fuzz_config(const uint8_t* data, size_t size);
int fuzz_pickle(const uint8_t* data, size_t size);  ///< whitelist reader and ground truth of Revisited Oxford
int fuzz_face(const uint8_t* data, size_t size);    ///< face lists, .bin, features, landmarks, RecordIO

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

}  // namespace winnow::fuzz
