#include "src/core/error.h"

namespace winnow {

int exit_code(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::kUsage: return 2;
    case ErrorCode::kConfig: return 3;
    case ErrorCode::kNotFound:
    case ErrorCode::kData:
    case ErrorCode::kShape:
    case ErrorCode::kNumeric: return 4;
    case ErrorCode::kDevice: return 5;
    case ErrorCode::kGate: return 6;
    case ErrorCode::kMismatch: return 7;
    case ErrorCode::kInterrupted: return 130;
    case ErrorCode::kInternal: return 1;
  }
  return 1;
}

const char* error_name(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::kUsage: return "usage";
    case ErrorCode::kConfig: return "config";
    case ErrorCode::kNotFound: return "not_found";
    case ErrorCode::kData: return "data";
    case ErrorCode::kShape: return "shape";
    case ErrorCode::kNumeric: return "numeric";
    case ErrorCode::kDevice: return "device";
    case ErrorCode::kGate: return "gate";
    case ErrorCode::kMismatch: return "mismatch";
    case ErrorCode::kInterrupted: return "interrupted";
    case ErrorCode::kInternal: return "internal";
  }
  return "internal";
}

}  // namespace winnow
