#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/core/files.h"

namespace winnow {

enum class Verdict { kKeep, kRelabel, kDrop, kUnsure };

/// One person's (or threshold's) decision about a row.
struct Decision {
  int64_t row = 0;
  std::string path;  ///< "" = not said; else it must be the row's
  Verdict verdict = Verdict::kKeep;
  std::string label;  ///< new label of kRelabel
  int64_t line = 0;   ///< in the file, for messages
};

/// Reads a decisions CSV: columns row, decision (keep | relabel | drop | unsure), label or suggested, and path where
/// there is one. A list of suspects (no column `decision`) is accepted with `auto_above` in (0, 1]: rows whose
/// confidence reaches it are relabelled, the others kept.
/// @throws Error(kNotFound | kData) naming file and line: unknown decision, missing label, the same row twice
/// @param labels_needed  false: a relabelled row need not say the new label (answers of an audit)
std::vector<Decision> read_decisions(const fs::path& file, double auto_above = 0, bool labels_needed = true);

}  // namespace winnow
