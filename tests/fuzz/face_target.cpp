#include <string_view>

#include "data/landmarks.h"
#include "data/record_io.h"
#include "src/core/error.h"
#include "src/evaluation/face/bin_file.h"
#include "src/evaluation/face/ijb_files.h"
#include "src/evaluation/face/megaface_files.h"
#include "src/evaluation/face/pair_files.h"
#include "tests/fuzz/targets.h"

namespace winnow::fuzz {
namespace {

void read_all_records(std::string_view bytes) {
  uint64_t offset = 0;
  while (offset < bytes.size()) {
    const uint64_t before = offset;
    const std::string payload = read_record(bytes, offset, "fuzz.rec");
    require(offset > before && offset <= bytes.size(), "records move forward inside the file");
    std::string again;
    append_record(again, payload);
    uint64_t at = 0;
    require(read_record(again, at, "again.rec") == payload, "what is written reads back the same");
  }
}

void read_pairs_of(const FacePairList& list) {
  for (const auto& p : list.pairs)
    require(p.a < static_cast<int64_t>(list.images.size()) && p.b < static_cast<int64_t>(list.images.size()),
            "pairs name pictures of the list");
  require(list.person.size() == list.images.size(), "each picture has a person or none");
}

}  // namespace

/// The first byte chooses the reader, so that one corpus serves them all.
int fuzz_face(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    switch (data[0] % 8) {
      case 0: read_pairs_of(parse_lfw_pairs(text, "fuzz.txt")); break;
      case 1: read_pairs_of(parse_two_line_pairs(text, "fuzz.txt")); break;
      case 2: read_pairs_of(parse_bin_file(text, "fuzz.bin").list); break;
      case 3: parse_megaface_feature(text, "fuzz.bin"); break;
      case 4: parse_template_pairs(text, "fuzz.txt"); break;
      case 5: parse_template_subjects(text, "fuzz.csv"); break;
      case 6: parse_landmarks(text, "fuzz.txt"); break;
      default: read_all_records(text);
    }
  } catch (const Error& e) {
    require(e.code() == ErrorCode::kData, "damage is a data error");
    require(std::string_view(e.what()).find("fuzz.") != std::string_view::npos, "errors name the file");
  }
  return 0;
}

}  // namespace winnow::fuzz
