#include <set>

#include "src/evaluation/face/bin_file.h"
#include "src/evaluation/face/folds.h"
#include "tests/fuzz/targets.h"

namespace winnow::fuzz {

int fuzz_bin(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    const BinFile bin = parse_bin_file(bytes, "fuzz.bin");
    require(bin.pictures.size() == 2 * bin.list.pairs.size(), "a pair has two pictures");
    require(bin.list.images.size() == bin.pictures.size(), "each picture has a name");
    size_t sum = 0;
    for (const auto& picture : bin.pictures) {
      require(!picture.empty(), "a picture has bytes");
      sum += static_cast<unsigned char>(picture.front()) + static_cast<unsigned char>(picture.back());
    }
    require(sum <= 510 * bin.pictures.size(), "pictures can be read to their ends");
    std::set<int> folds;
    for (const auto& pair : bin.list.pairs) folds.insert(pair.fold);
    require(bin.list.folds == 0 || static_cast<int>(folds.size()) == bin.list.folds, "no fold is empty");
  } catch (const Error& e) {
    require_reader_error(e);
    require(std::string_view(e.what()).find("fuzz.bin") != std::string_view::npos, "errors name the file");
  }
  return 0;
}

}  // namespace winnow::fuzz
