#pragma once

#include <string>
#include <vector>

#include "data/dataset.h"

namespace winnow {

struct AlignOptions {
  std::string landmarks;            ///< file or folder, see read_landmarks
  std::string face = "arcface112";  ///< template, see face_template
  std::string rule = "umeyama";     ///< umeyama or cp2tform
  double max_residual = 0.15;       ///< of the template's width: worse fits are named (wrong order, wrong picture)
};

struct AlignResult {
  int64_t pictures = 0, aligned = 0;
  std::vector<std::string> failed;  ///< "PATH: reason": no landmarks, unreadable; not written
  std::vector<std::string> poor;    ///< aligned, but the points fit the template badly
  double mean_residual = 0;         ///< output pixels
};

/// Warps every picture of the collection to the template and writes PNG files below `out` with a manifest.csv (path,
/// label) and align.json (template, rule, SHA-256 of the landmarks, counts). @throws what readers throw, Error(kData)
/// when no picture could be aligned
AlignResult align_collection(const DataSource& source, const AlignOptions& options, const fs::path& out);

}  // namespace winnow
