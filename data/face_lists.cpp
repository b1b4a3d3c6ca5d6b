#include "data/face_lists.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "src/core/base64.h"
#include "src/core/crc32c.h"
#include "src/core/error.h"
#include "src/core/shown.h"
#include "src/core/text.h"

namespace winnow {
namespace {

[[noreturn]] void refuse_line(const std::string& name, int64_t line, const std::string& what) {
  throw Error(ErrorCode::kData, "[list] " + name + ":" + std::to_string(line) + ": " + shown(what, 300));
}

[[noreturn]] void refuse(const std::string& name, uint64_t offset, const std::string& what) {
  throw Error(ErrorCode::kData, "[record] " + name + ": offset " + std::to_string(offset) + ": " + what);
}

template <typename T>
T load(std::string_view bytes, uint64_t at) {
  T out;
  std::memcpy(&out, bytes.data() + at, sizeof out);
  return out;
}

/// The wire format of protocol buffers, as far as a Datum needs it.
class ProtoScanner {
 public:
  ProtoScanner(std::string_view bytes, const std::string& name) : bytes_(bytes), name_(name) {}
  bool done() const { return at_ == bytes_.size(); }
  uint64_t at() const { return at_; }
  uint64_t varint() {
    uint64_t out = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at_ == bytes_.size()) refuse(name_, at_, "a number is required, the record ends");
      const auto byte = static_cast<unsigned char>(bytes_[at_++]);
      out |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return out;
    }
    refuse(name_, at_, "a number of at most 10 bytes is required");
  }
  std::string_view take(uint64_t length) {
    if (length > bytes_.size() - at_)
      refuse(name_, at_, std::to_string(length) + " bytes are promised, the record ends");
    const auto out = bytes_.substr(at_, length);
    at_ += length;
    return out;
  }
  void skip(uint64_t wire) {
    if (wire == 0)
      varint();
    else if (wire == 1)
      take(8);
    else if (wire == 2)
      take(varint());
    else if (wire == 5)
      take(4);
    else
      refuse(name_, at_, "wire type " + std::to_string(wire) + " is not known");
  }

 private:
  std::string_view bytes_;
  const std::string& name_;
  uint64_t at_ = 0;
};

}  // namespace

CelebFace parse_celeb_line(std::string_view line, const std::string& name, int64_t number) {
  auto fields = split(line, '\t');
  if (fields.size() != 7)
    refuse_line(name, number, "7 fields by tabs are required, got " + std::to_string(fields.size()));
  const std::string where = name + ":" + std::to_string(number);
  CelebFace out;
  const auto rank = parse_int(fields[1]);
  if (fields[0].empty() || !rank) refuse_line(name, number, "an identity and a rank are required");
  const std::string box = decode_base64(fields[5], "[record] " + where + ", face rectangle");
  if (box.size() != 16)
    refuse_line(name, number, "a face rectangle of 16 bytes is required, got " + std::to_string(box.size()));
  std::memcpy(out.box.data(), box.data(), 16);
  for (const float v : out.box)
    if (!(v >= 0 && v <= 1)) refuse_line(name, number, "a face rectangle inside [0, 1] is required");
  out.identity = std::move(fields[0]);
  out.rank = *rank;
  out.image_url = std::move(fields[2]);
  out.page_url = std::move(fields[3]);
  out.face_id = std::move(fields[4]);
  out.picture = decode_base64(fields[6], "[record] " + where + ", picture");
  return out;
}

std::vector<TrainingEntry> parse_training_list(std::string_view text, const std::string& name, bool swapped) {
  std::vector<TrainingEntry> out;
  int64_t number = 0;
  for (std::string line : split(text, '\n')) {
    ++number;
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '\t' || c == '\r'; }, ' ');
    auto fields = split(line, ' ');
    std::erase(fields, "");
    if (fields.empty()) continue;
    if (fields.size() != 2 && (swapped || fields.size() != 4))
      refuse_line(name, number,
                  "'path label' or 'path 0 label 0' is required, got " + std::to_string(fields.size()) + " fields");
    const auto label = parse_int(fields[swapped ? 0 : fields.size() / 2]);
    if (!label || *label < 0) refuse_line(name, number, "a class number is required");
    out.push_back({fields[swapped ? 1 : 0], *label});
  }
  if (out.empty()) throw Error(ErrorCode::kData, "[list] " + name + ": pictures are required, got none");
  return out;
}

std::string_view read_tf_record(std::string_view bytes, uint64_t& offset, const std::string& name) {
  if (offset > bytes.size() || bytes.size() - offset < 12)
    refuse(name, offset, "a header of 12 bytes is required, the file ends");
  if (masked_crc32c(bytes.substr(offset, 8)) != load<uint32_t>(bytes, offset + 8))
    refuse(name, offset + 8, "the checksum of the length is wrong");
  const auto length = load<uint64_t>(bytes, offset);
  const uint64_t left = bytes.size() - offset - 12;
  if (left < 4 || length > left - 4)
    refuse(name, offset, std::to_string(length) + " bytes are promised, the file ends");
  const auto payload = bytes.substr(offset + 12, length);
  if (masked_crc32c(payload) != load<uint32_t>(bytes, offset + 12 + length))
    refuse(name, offset + 12 + length, "the checksum of the payload is wrong");
  offset += 16 + length;
  return payload;
}

std::string tf_record_bytes(std::string_view payload) {
  const auto word = [](auto value) { return std::string(reinterpret_cast<const char*>(&value), sizeof value); };
  const std::string length = word(static_cast<uint64_t>(payload.size()));
  return length + word(masked_crc32c(length)) + std::string(payload) + word(masked_crc32c(payload));
}

Datum parse_datum(std::string_view bytes, const std::string& name) {
  Datum out;
  ProtoScanner scan(bytes, name);
  while (!scan.done()) {
    const uint64_t tag = scan.varint(), field = tag >> 3, wire = tag & 7;
    if (field >= 1 && field <= 3 && wire == 0)
      (field == 1 ? out.channels : field == 2 ? out.height : out.width) = static_cast<int32_t>(scan.varint());
    else if (field == 4 && wire == 2)
      out.data = scan.take(scan.varint());
    else if (field == 5 && wire == 0)
      out.label = static_cast<int32_t>(scan.varint());
    else if (field == 6 && wire == 5)
      out.floats.push_back(load<float>(scan.take(4), 0));
    else if (field == 6 && wire == 2) {
      const auto packed = scan.take(scan.varint());
      if (packed.size() % 4 != 0) refuse(name, scan.at(), "packed floats take 4 bytes each");
      for (size_t i = 0; i < packed.size(); i += 4) out.floats.push_back(load<float>(packed, i));
    } else if (field == 7 && wire == 0)
      out.encoded = scan.varint() != 0;
    else
      scan.skip(wire);
  }
  const int64_t want = int64_t{out.channels} * out.height * out.width;
  if (!out.encoded && out.floats.empty() &&
      (out.channels < 1 || out.height < 1 || out.width < 1 || want != static_cast<int64_t>(out.data.size())))
    refuse(name, bytes.size(), "channels x height x width bytes are required, got " + std::to_string(out.data.size()));
  return out;
}

}  // namespace winnow
