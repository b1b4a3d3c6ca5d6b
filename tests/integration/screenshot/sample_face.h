#pragma once

#include "src/core/files.h"

namespace winnow::test {

/// A report of a pair protocol from generated scores. @return face.html in the folder
fs::path write_face_sample(const fs::path& folder);

}  // namespace winnow::test
