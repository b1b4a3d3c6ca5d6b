#include "data/record_io.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "src/core/error.h"
#include "src/core/text.h"

namespace winnow {
namespace {

static_assert(std::endian::native == std::endian::little, "records are read as they are");
constexpr uint32_t kMagic = 0xced7230a, kLength = (1u << 29) - 1;
constexpr size_t kImageHeader = 24;
constexpr float kMostKeys = 9007199254740992.f;  // 2^53: a range past it is damage, and past 2^63 no integer

template <typename T>
T load(std::string_view bytes, size_t at) {
  T out;
  std::memcpy(&out, bytes.data() + at, sizeof out);
  return out;
}

template <typename T>
void store(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

[[noreturn]] void refuse(const std::string& name, uint64_t offset, const std::string& what) {
  throw Error(ErrorCode::kData, "[recordio] " + name + ": offset " + std::to_string(offset) + ": " + what);
}

size_t padded(size_t length) { return (length + 3) / 4 * 4; }

void append_part(std::string& out, uint32_t flag, std::string_view payload) {
  store(out, kMagic);
  store(out, flag << 29 | static_cast<uint32_t>(payload.size()));
  out.append(payload);
  out.append(padded(payload.size()) - payload.size(), '\0');
}

}  // namespace

std::string read_record(std::string_view bytes, uint64_t& offset, const std::string& name) {
  std::string out;
  uint64_t at = offset;
  for (bool first = true;; first = false) {
    if (at > bytes.size() || bytes.size() - at < 8)
      refuse(name, at, "a part's header of 8 bytes is required, the file ends");
    if (load<uint32_t>(bytes, at) != kMagic) refuse(name, at, "the magic 0xced7230a is required");
    const uint32_t word = load<uint32_t>(bytes, at + 4), flag = word >> 29;
    const size_t length = word & kLength;
    if (flag > 3 || first != (flag == 0 || flag == 1))
      refuse(name, at + 4,
             "part flag " + std::to_string(flag) + " cannot stand " + (first ? "first" : "inside a record"));
    if (bytes.size() - at - 8 < padded(length))
      refuse(name, at + 8,
             std::to_string(length) + " bytes are promised, " + std::to_string(bytes.size() - at - 8) + " follow");
    if (!first) store(out, kMagic);  // the split took it out
    out.append(bytes.substr(at + 8, length));
    at += 8 + padded(length);
    if (flag == 0 || flag == 3) break;
  }
  offset = at;
  return out;
}

uint64_t resynchronise(std::string_view bytes, uint64_t offset) {
  for (uint64_t at = padded(offset); at + 8 <= bytes.size(); at += 4) {
    if (load<uint32_t>(bytes, at) != kMagic) continue;
    const uint32_t word = load<uint32_t>(bytes, at + 4);
    if (word >> 29 <= 1 && padded(word & kLength) <= bytes.size() - at - 8) return at;
  }
  return bytes.size();
}

void append_record(std::string& out, std::string_view payload) {
  if (payload.size() > kLength)
    throw Error(ErrorCode::kData,
                "[recordio] a record holds less than 2^29 bytes, got " + std::to_string(payload.size()));
  size_t begin = 0;
  bool split = false;
  for (size_t at = 0; at + 4 <= payload.size(); at += 4) {
    if (load<uint32_t>(payload, at) != kMagic) continue;
    append_part(out, split ? 2 : 1, payload.substr(begin, at - begin));
    begin = at + 4;
    split = true;
  }
  append_part(out, split ? 3 : 0, payload.substr(begin));
}

ImageRecord parse_image_record(std::string_view payload, const std::string& name) {
  if (payload.size() < kImageHeader) refuse(name, payload.size(), "an image header of 24 bytes is required");
  ImageRecord out;
  const auto flag = load<uint32_t>(payload, 0);
  out.id = load<uint64_t>(payload, 8);
  out.id2 = load<uint64_t>(payload, 16);
  out.flagged = flag > 0;
  if ((payload.size() - kImageHeader) / 4 < flag)
    refuse(name, kImageHeader, std::to_string(flag) + " labels are promised, the record ends");
  if (flag == 0) out.labels.push_back(load<float>(payload, 4));
  for (uint32_t i = 0; i < flag; ++i) out.labels.push_back(load<float>(payload, kImageHeader + 4 * i));
  out.content = payload.substr(kImageHeader + 4 * static_cast<size_t>(flag));
  return out;
}

std::string image_record_bytes(const ImageRecord& record) {
  std::string out;
  store(out, record.flagged ? static_cast<uint32_t>(record.labels.size()) : 0u);
  store(out, record.flagged ? 0.f : record.labels.at(0));
  store(out, record.id);
  store(out, record.id2);
  if (record.flagged)
    for (const float label : record.labels) store(out, label);
  out.append(record.content);
  return out;
}

std::map<int64_t, uint64_t> parse_record_index(std::string_view text, const std::string& name) {
  std::map<int64_t, uint64_t> out;
  int64_t line = 0;
  for (const auto& row : split(text, '\n')) {
    ++line;
    if (trim(row).empty()) continue;
    const auto fields = split(trim(row), '\t');
    const auto key = fields.size() == 2 ? parse_int(fields[0]) : std::nullopt;
    const auto offset = fields.size() == 2 ? parse_int(fields[1]) : std::nullopt;
    if (!key || !offset || *key < 0 || *offset < 0)
      throw Error(ErrorCode::kData,
                  "[recordio] " + name + ":" + std::to_string(line) + ": 'key<TAB>offset' is required");
    if (!out.emplace(*key, static_cast<uint64_t>(*offset)).second)
      throw Error(ErrorCode::kData,
                  "[recordio] " + name + ":" + std::to_string(line) + ": key " + fields[0] + " occurs twice");
  }
  return out;
}

FaceRecords list_face_records(std::string_view bytes, const std::map<int64_t, uint64_t>& index,
                              const std::string& name) {
  FaceRecords out;
  const auto record_at = [&](int64_t key, uint64_t offset, std::string& payload) {
    payload = read_record(bytes, offset, name + ", key " + std::to_string(key));
    return parse_image_record(payload, name + ", key " + std::to_string(key));
  };
  std::string payload;
  int64_t end = INT64_MAX;
  if (const auto zero = index.find(0); zero != index.end()) {
    const ImageRecord header = record_at(0, zero->second, payload);
    out.has_header = header.labels.size() >= 2 && header.content.empty() && header.labels[0] >= 1 &&
                     header.labels[0] <= header.labels[1] && header.labels[1] < kMostKeys;
    if (out.has_header) end = static_cast<int64_t>(header.labels[0]);
  }
  for (const auto& [key, offset] : index) {
    if (out.has_header && (key == 0 || key >= end)) continue;
    const ImageRecord record = record_at(key, offset, payload);
    if (record.content.empty()) continue;  // identity records of a file without its header
    const float label = record.labels[0];
    if (!(label >= 0) || label != std::floor(label) || label > 1e9f)
      refuse(name, offset, "key " + std::to_string(key) + ": a class number is required");
    out.keys.push_back(key);
    out.labels.push_back(static_cast<int64_t>(label));
  }
  std::map<int64_t, int64_t> counts;
  for (const int64_t label : out.labels) ++counts[label];
  out.classes = static_cast<int64_t>(counts.size());
  if (out.has_header && !ranges_are_exact(static_cast<int64_t>(out.keys.size())))
    out.notes.push_back(
        "identity ranges are float32 and inexact from 2^24 images on: classes were counted from the images");
  return out;
}

bool ranges_are_exact(int64_t images) { return images < (int64_t{1} << 24); }

}  // namespace winnow
