#pragma once

#include <cstdint>
#include <fstream>
#include <map>
#include <string>
#include <string_view>

#include "src/core/crc32c.h"
#include "src/core/files.h"

namespace winnow {

/// Writer of one TensorBoard event file: TFRecords (length, masked CRC of the length, payload, masked CRC of the
/// payload) that hold `Event` messages with scalar summaries. Opens FOLDER/events.out.tfevents.TIME.HOST.PID.
/// Not thread-safe.
class EventFile {
 public:
  /// @param start_step  tells TensorBoard to forget events of an earlier file from this step on (resume)
  /// @throws Error(kDevice) naming the file
  EventFile(const fs::path& folder, int64_t start_step);
  /// One event with all scalars of a step, on disk when this returns. Values that are not finite are left out.
  void add(int64_t step, const std::map<std::string, double>& scalars);
  const fs::path& file() const { return file_; }

 private:
  void record(const std::string& payload);
  fs::path file_;
  std::ofstream out_;
};

}  // namespace winnow
