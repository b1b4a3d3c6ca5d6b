#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "src/core/files.h"

namespace winnow {

/// MXNet RecordIO (face.md 2.1). Part: u32 magic 0xced7230a, u32 (cflag << 29 | length), payload, zero padding to a
/// multiple of 4. A payload that holds the magic at an aligned offset is split there (cflag 1, 2, 3) without it.
/// @param offset  of a record's first part; advanced past the record
/// @return the payload, joined. @throws Error(kData) `NAME: offset N: ...` for a wrong magic, a part that leaves the
/// bytes, parts out of order, padding that is not zero
std::string read_record(std::string_view bytes, uint64_t& offset, const std::string& name);
/// Offset of the next record at or after `offset` that can be told from damage: aligned magic with cflag 0 or 1 and a
/// length inside the bytes; bytes.size() when there is none.
uint64_t resynchronise(std::string_view bytes, uint64_t offset);
void append_record(std::string& out, std::string_view payload);

/// Header of an image record and what follows it.
struct ImageRecord {
  std::vector<float> labels;  ///< one, or `flag` of them
  uint64_t id = 0, id2 = 0;
  bool flagged = false;      ///< labels followed the header
  std::string_view content;  ///< encoded picture; empty in identity records
};
/// @throws Error(kData) naming `name` for a payload shorter than its header says
ImageRecord parse_image_record(std::string_view payload, const std::string& name);
std::string image_record_bytes(const ImageRecord& record);

/// An InsightFace training file: train.rec read through train.idx (the order in the file differs by packer).
struct FaceRecords {
  std::vector<int64_t> keys, labels;  ///< by image
  int64_t classes = 0;
  bool has_header = false;         ///< key 0 names the identity records; a plain im2rec file has none
  std::vector<std::string> notes;  ///< e.g. identity ranges are float32 and inexact from 2^24 images on
};
/// Keys and offsets of an .idx text. @throws Error(kData) `NAME:LINE`
std::map<int64_t, uint64_t> parse_record_index(std::string_view text, const std::string& name);
/// Labels come from the image records themselves (element 0), never from the identity ranges.
/// @throws Error(kData) with key and offset
FaceRecords list_face_records(std::string_view bytes, const std::map<int64_t, uint64_t>& index,
                              const std::string& name);
/// True when `images` can be counted exactly in float32 identity ranges.
bool ranges_are_exact(int64_t images);

}  // namespace winnow
