#pragma once

#include <vector>

#include "src/core/files.h"

namespace winnow::test {

/// Writes one report of each kind, from drawn pictures and generated vectors, with the awkward parts a real one has:
/// long and non-UTF-8 names, a missing picture, a class with one picture, a validation curve with gaps.
std::vector<fs::path> write_sample_reports(const fs::path& folder);

}  // namespace winnow::test
