#pragma once

#include <string>
#include <vector>

#include "data/dataset.h"

namespace winnow {

/// Decisions -> a new manifest. The old one is never edited.
struct ApplyRequest {
  DataSource source;
  std::string decisions, out;
  double auto_above = 0;                  ///< for a list of suspects: relabel at this confidence
  std::vector<std::string> touch_splits;  ///< protected splits (test, val, validation) that may be changed all the same
};
struct ApplyResult {
  int64_t rows = 0, relabelled = 0, dropped = 0, kept = 0, unsure = 0;
  int64_t protected_rows = 0;  ///< decisions that were not carried out because of the split
  int64_t unchanged = 0;       ///< relabelled to the label it had
  std::string digest, parent_digest;
};

/// Writes `out` and beside it `out`.history/ (history.json: one step a command, oldest first, with the digests of
/// parent, decisions and result; the bytes of every parent). `given_label` keeps the label that a row had first.
/// @throws Error(kData) for decisions about rows that are not there or whose path differs, Error(kUsage) when `out` is
/// the source itself
ApplyResult apply_decisions(const ApplyRequest& request);

struct RevertResult {
  std::string digest, parent;  ///< parent: where it was
  int64_t steps = 0;
};
/// Writes the bytes of the parent `steps` back to `out`. @throws Error(kNotFound) without a history, Error(kMismatch)
/// when the file or a kept parent is not what the history says
RevertResult revert_manifest(const fs::path& file, int64_t steps, const fs::path& out);

}  // namespace winnow
