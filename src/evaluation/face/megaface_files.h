#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "src/core/files.h"

namespace winnow {

/// A devkit feature file (face.md 1.4): little-endian int32 rows, cols, stride in bytes, type, then rows * stride
/// bytes; a vector has cols 1 and type 5 (float32) or 6 (float64). @throws Error(kData) `FILE: offset N: ...` for a
/// short file, another type, more than 65,536 rows, stride < one element, or rows * stride that is not the rest of the
/// file
std::vector<float> parse_megaface_feature(std::string_view bytes, const std::string& name);
std::vector<float> read_megaface_feature(const fs::path& file);
/// The bytes the devkit reads: type 5, stride 4.
std::string megaface_feature_bytes(std::span<const float> vector);

/// A devkit list: JSON with `path` and, for probes, `id` of equal length.
struct MegaFaceList {
  std::vector<std::string> paths, ids;  ///< ids empty for distractors
};
/// @throws Error(kNotFound), Error(kData) naming the file and what is missing
MegaFaceList read_megaface_list(const fs::path& file);
MegaFaceList parse_megaface_list(std::string_view text, const std::string& name);

/// insightface's noise lists: one picture a line, `#` starts a comment, the last tab-separated field counts.
std::unordered_set<std::string> read_noise_list(const fs::path& file);
/// Marks paths that a list names by its whole text or by its file name (FaceScrub lists hold file names only).
std::vector<char> marked(const std::vector<std::string>& paths, const std::unordered_set<std::string>& noise);

/// The devkit's result JSON: `cmc` as [[0-based ranks], [values]] at change points, `roc` as [[fpr], [tpr]].
std::string megaface_result_json(std::span<const double> cmc, std::span<const std::pair<double, double>> roc);

}  // namespace winnow
