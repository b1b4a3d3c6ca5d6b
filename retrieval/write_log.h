#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "retrieval/embeddings.h"

namespace winnow {

// Internal to retrieval: the write-ahead log of a generation, GENERATION/writes.log. A header (magic, version,
// generation, dimension, number of further columns, checksum), then one record a batch: length, checksum, operations.
// A record counts when it is whole; a batch is therefore kept as a whole or not at all.

inline constexpr const char* kWritesLog = "writes.log";

/// One operation: an item put in place (its vector has unit length), or an id taken out.
struct WriteOperation {
  bool remove = false;
  EmbeddedItem item;          ///< of a removal only the id counts
  std::vector<float> vector;  ///< D values; empty for a removal
};

/// What the log belongs to; a log of something else is refused.
struct LogShape {
  int64_t generation = 0, dim = 0, columns = 0;
};

/// A whole record. @throws Error(kUsage) for a batch of more than 1 GiB
std::string encode_record(std::span<const WriteOperation> batch, const LogShape& shape);

struct LogRead {
  uint64_t end = 0;   ///< offset behind the last whole record; 0 = no header yet
  bool torn = false;  ///< bytes of an unfinished write follow
};

/// Calls `use` for every whole batch from `offset` on (0 = the first). An unfinished record at the end is what a killed
/// writer leaves: it was never accepted and is not an error. A file that does not exist is an empty log.
/// @throws Error(kData) naming file and offset for damage before the end, or another generation's log
LogRead read_log(const fs::path& file, const LogShape& shape, uint64_t offset,
                 const std::function<void(std::vector<WriteOperation>&&)>& use);

/// The log opened for appending. Not thread-safe; one writer at a time (the index folder's lock).
class WriteLog {
 public:
  /// Cuts off an unfinished record; writes the header when there is none. @param end  of read_log()
  WriteLog(const fs::path& file, const LogShape& shape, uint64_t end);
  ~WriteLog();
  WriteLog(const WriteLog&) = delete;
  WriteLog& operator=(const WriteLog&) = delete;

  /// Returns when the bytes are on the disk. @throws Error(kDevice): nothing was accepted; when the state of the disk
  /// is then unknown (fsync failed, or cutting off failed) every later append throws too, until the log is opened anew
  void append(const std::string& records);
  uint64_t bytes() const { return end_; }

 private:
  void put(const std::string& bytes);
  [[noreturn]] void fail(const char* what, int error);

  fs::path file_;
  int fd_ = -1;
  uint64_t end_ = 0;
  bool broken_ = false;
};

/// The whole records from `offset` on as they stand in the file.
std::string copy_records(const fs::path& file, uint64_t offset, uint64_t end);

}  // namespace winnow
