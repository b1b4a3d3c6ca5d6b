#pragma once

#include <map>
#include <mutex>
#include <string>

#include "src/core/files.h"

namespace winnow {

/// What a person said about an item of the manifest.
struct Feedback {
  int64_t row = 0;
  std::string path, label;
  std::string decision;   ///< keep, relabel, drop or unsure
  std::string new_label;  ///< of relabel
  double score = 0;
  std::string query, request_id;
};

/// A decisions file for `noise apply` (row,path,label,decision,new_label,score,query,request_id,time) with one line a
/// row: the last word about a row counts. The file is on the disk when put() returns. Thread-safe; one process a file.
class FeedbackFile {
 public:
  /// Goes on with a file that is there. @throws Error(kData) when it has other columns, naming line and row
  explicit FeedbackFile(fs::path file);
  /// @throws Error(kDevice) when the disk does not take it; the file is then as before
  void put(const Feedback& feedback);
  size_t size() const;
  const fs::path& path() const { return file_; }

 private:
  fs::path file_;
  mutable std::mutex mutex_;
  std::map<int64_t, std::string> lines_;
};

}  // namespace winnow
