#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "src/core/files.h"
#include "src/training/trainer.h"

namespace winnow {

/// One shell command line that runs the words again; words are quoted where the shell needs it.
std::string shell_line(const std::vector<std::string>& words);

/// RUN/provenance.json: what made a run. One entry in `sessions` for each start (resumes append), each with command,
/// start, end, status (running | ok | interrupted | an error name), exit_code and message. A process that was killed
/// leaves "running" behind.
class Provenance {
 public:
  /// Keeps the sessions already in the file and appends one; written at once.
  /// @param facts  version, library versions, digests, seed, device, precision, threads: the file's own fields
  Provenance(fs::path file, const std::vector<std::string>& command, const nlohmann::ordered_json& facts);
  ~Provenance();
  /// Ends the session of this process.
  void end(const std::string& status, int exit_code, const std::string& message);

 private:
  fs::path file_;
  std::unique_ptr<nlohmann::ordered_json> document_;
};

}  // namespace winnow
