#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/evaluation/face/pair_files.h"
#include "src/evaluation/pickle.h"

namespace winnow {

/// An InsightFace verification .bin (face.md 2.2): a pickle of (encoded pictures, labels), picture 2p and 2p + 1 make
/// pair p. All dialects: Python 2, Python 3 protocols 2 to 5, NumPy arrays. Read through a whitelist; nothing is
/// executed. The people are not known.
struct BinFile {
  std::shared_ptr<const PickleDocument> document;  ///< owns the pictures' bytes
  std::vector<std::string_view> pictures;          ///< [2 P] encoded
  FacePairList list;  ///< images "FILE#0", ...; ten contiguous folds where there are pairs for it
};

/// @throws Error(kNotFound), Error(kData) with the byte offset for damage, a hostile pickle, or a content that is no
/// pair list (not two items, 2 x labels != pictures, an empty picture)
BinFile read_bin_file(const fs::path& file);
BinFile parse_bin_file(std::string_view bytes, const std::string& name);

}  // namespace winnow
