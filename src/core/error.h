#pragma once

#include <stdexcept>
#include <string>

namespace winnow {

/// What kind of failure an Error reports; decides the exit code of the program.
enum class ErrorCode {
  kUsage,        ///< the command line is wrong
  kConfig,       ///< a configuration value is wrong
  kNotFound,     ///< a file, item or name does not exist
  kData,         ///< input data cannot be used
  kShape,        ///< tensors or arrays do not agree
  kNumeric,      ///< a value that must be finite is not, or training collapsed
  kDevice,       ///< device, memory, disk or an installed library
  kGate,         ///< a --require condition is not met
  kMismatch,     ///< model and index (or preprocessing) do not belong together
  kInterrupted,  ///< stopped by the user after a clean save
  kInternal      ///< a broken invariant of our own
};

/// The one exception type of winnow. Messages read `[where] what is required, what was given`.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ErrorCode code() const noexcept { return code_; }

 private:
  ErrorCode code_;
};

/// Process exit code: usage 2, config 3, data (also not found, shape, numeric) 4, device 5, gate 6,
/// mismatch 7, interrupted 130, internal 1.
int exit_code(ErrorCode code) noexcept;

/// Stable lower-case name of a code ("config", "data", ...), as printed by --json.
const char* error_name(ErrorCode code) noexcept;

}  // namespace winnow
