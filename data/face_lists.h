#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace winnow {

/// A line of MS-Celeb-1M's aligned or unaligned TSV (face.md 1.6): seven fields by tabs.
struct CelebFace {
  std::string identity;  ///< Freebase MID, "m.0abc"
  int64_t rank = 0;      ///< of the search result
  std::string image_url, page_url, face_id;
  std::array<float, 4> box{};  ///< left, top, right, bottom as shares of the picture
  std::string picture;         ///< encoded bytes
  /// "RANK-FACE": with the identity the key that cleaned lists use.
  std::string key() const { return std::to_string(rank) + "-" + face_id; }
};
/// @param line  without its end; several hundred KB are usual. @throws Error(kData) `[tsv] NAME:LINE: ...`
CelebFace parse_celeb_line(std::string_view line, const std::string& name, int64_t number);

/// An entry of a training list.
struct TrainingEntry {
  std::string path;
  int64_t label = 0;
};
/// Training lists of the face projects, one picture a line: `path label` (FaceX-Zoo), `path 0 label 0` (MagFace),
/// `label<TAB>path` (C-MS-Celeb: `swapped`). Fields by tab or space. @throws Error(kData) naming the line
std::vector<TrainingEntry> parse_training_list(std::string_view text, const std::string& name, bool swapped = false);

/// One TFRecord: u64 length, masked CRC-32C of it, payload, masked CRC-32C of the payload.
/// @param offset  of the record; advanced past it. @throws Error(kData) `NAME: offset N` for a short file or a wrong
/// sum
std::string_view read_tf_record(std::string_view bytes, uint64_t& offset, const std::string& name);
std::string tf_record_bytes(std::string_view payload);

/// A Caffe Datum (protobuf): raw CHW bytes or an encoded file.
struct Datum {
  int32_t channels = 0, height = 0, width = 0, label = 0;
  std::string_view data;
  std::vector<float> floats;
  bool encoded = false;
};
/// Accepts packed and unpacked floats; unknown fields are skipped. @throws Error(kData) `NAME: offset N` for damage and
/// for raw data whose size is not channels x height x width
Datum parse_datum(std::string_view bytes, const std::string& name);

}  // namespace winnow
