#pragma once

#include <map>
#include <string>
#include <string_view>

#include "src/core/files.h"
#include "src/image/align.h"

namespace winnow {

/// Five points of each picture of a set, by the picture's path.
using Landmarks = std::map<std::string, FacePoints>;

/// A landmark file, one picture a line, fields by commas, tabs or spaces: path and 10 numbers (x1 y1 ... x5 y5 in the
/// order of align.h), optionally a detector score, or path and 136 numbers (68 points, taken to five). A CSV header row
/// (first field `path` or `name`) is skipped. A folder is read as CALFW's and CPLFW's: NAME_5loc_attri.txt beside or
/// below it, five lines `x y`, for picture NAME.jpg.
/// @throws Error(kNotFound), Error(kData) `FILE:LINE: ...` for a wrong count, a number that is not finite, a path twice
Landmarks read_landmarks(const fs::path& file_or_folder);
Landmarks parse_landmarks(std::string_view text, const std::string& name);

}  // namespace winnow
