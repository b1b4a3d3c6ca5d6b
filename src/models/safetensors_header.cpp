#include "src/models/safetensors_header.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "src/core/error.h"
#include "src/core/text.h"

namespace winnow {
namespace {

constexpr uint64_t kMaxHeader = 100'000'000;
constexpr size_t kMaxRank = 16;
constexpr uint64_t kLengthBytes = 8;

[[noreturn]] void fail(const std::string& source, uint64_t offset, const std::string& what) {
  throw Error(ErrorCode::kData, source + ": byte " + std::to_string(offset) + ": " + what);
}

/// Takes the header's JSON as a stream of events, so that a hostile header costs no tree of objects and a name that
/// stands twice is seen.
class HeaderReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  SafetensorsHeader header;
  std::string fault;
  size_t fault_position = 0;

  bool null() override { return wrong("null"); }
  bool boolean(bool) override { return wrong("a boolean"); }
  bool number_integer(number_integer_t) override { return wrong("a negative number"); }
  bool number_float(number_float_t, const string_t&) override { return wrong("a fraction or a number too large"); }
  bool binary(binary_t&) override { return wrong("binary data"); }

  bool number_unsigned(number_unsigned_t value) override {
    if (place_ == Place::kShape) {
      if (value > static_cast<uint64_t>(INT64_MAX)) return stop("a dimension is too large");
      if (entry().shape.size() == kMaxRank) return stop("more than 16 dimensions");
      entry().shape.push_back(static_cast<int64_t>(value));
      return true;
    }
    if (place_ != Place::kOffsets) return wrong("a number");
    if (offsets_ == 2) return stop("data_offsets must be two numbers");
    (offsets_++ == 0 ? entry().begin : entry().end) = value;
    return true;
  }

  bool string(string_t& value) override {
    if (place_ == Place::kMetadata) {
      header.metadata[key_] = value;
      return true;
    }
    if (place_ != Place::kTensor || key_ != "dtype") return wrong("text");
    entry().dtype = value;
    return true;
  }

  bool start_object(std::size_t) override {
    if (place_ == Place::kStart) return enter(Place::kTop);
    if (place_ != Place::kTop) return wrong("an object");
    if (key_ == "__metadata__") return enter(Place::kMetadata);
    header.entries.emplace_back().name = key_;
    fields_.clear();
    offsets_ = 0;
    return enter(Place::kTensor);
  }

  bool key(string_t& value) override {
    key_ = value;
    if (place_ == Place::kTop && !names_.insert(value).second) return stop("name '" + value + "' stands twice");
    if (place_ != Place::kTensor) return true;
    if (value != "dtype" && value != "shape" && value != "data_offsets")
      return stop("unknown field '" + value + "' of tensor '" + entry().name + "'");
    return fields_.insert(value).second || stop("field '" + value + "' stands twice");
  }

  bool end_object() override {
    if (place_ == Place::kTensor && (fields_.size() != 3 || offsets_ != 2))
      return stop("tensor '" + entry().name + "' must have dtype, shape and two data_offsets");
    return enter(place_ == Place::kTop ? Place::kEnd : Place::kTop);
  }

  bool start_array(std::size_t) override {
    if (place_ == Place::kTensor && key_ == "shape") return enter(Place::kShape);
    if (place_ == Place::kTensor && key_ == "data_offsets") return enter(Place::kOffsets);
    return wrong("an array");
  }

  bool end_array() override { return enter(Place::kTensor); }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) override {
    fault_position = position;
    return stop(std::string("not JSON: ") + error.what());
  }

 private:
  enum class Place { kStart, kTop, kMetadata, kTensor, kShape, kOffsets, kEnd };

  SafetensorsEntry& entry() { return header.entries.back(); }
  bool enter(Place place) {
    place_ = place;
    return true;
  }
  bool stop(std::string what) {
    fault = std::move(what);
    return false;
  }
  bool wrong(const char* found) {
    const bool inside = place_ != Place::kStart && place_ != Place::kTop && place_ != Place::kMetadata;
    return stop(std::string(found) + " is out of place" + (key_.empty() ? "" : " at '" + key_ + "'") +
                (inside && !header.entries.empty() ? " of tensor '" + entry().name + "'" : ""));
  }

  Place place_ = Place::kStart;
  std::string key_;
  std::set<std::string> names_, fields_;
  int offsets_ = 0;
};

uint64_t read_length(std::span<const std::byte> file, const std::string& source) {
  if (file.size() < kLengthBytes)
    fail(source, 0, "a safetensors file has at least 8 bytes, this has " + std::to_string(file.size()));
  uint64_t length = 0;
  for (size_t i = kLengthBytes; i-- > 0;) length = length << 8 | std::to_integer<uint64_t>(file[i]);
  if (length > kMaxHeader)
    fail(source, 0, "header of " + std::to_string(length) + " bytes is over the limit of 100000000 (not safetensors?)");
  if (length > file.size() - kLengthBytes)
    fail(source, 0,
         "header of " + std::to_string(length) + " bytes does not fit in a file of " + std::to_string(file.size()) +
             " bytes: truncated?");
  return length;
}

void check_entry(const SafetensorsEntry& entry, const SafetensorsHeader& header, uint64_t data_size,
                 const std::string& source) {
  const std::string where = "tensor '" + to_valid_utf8(entry.name) + "': ";
  const uint64_t at = header.data_offset + std::min(entry.begin, data_size);
  const uint64_t element = safetensors_element_size(entry.dtype);
  if (element == 0) fail(source, at, where + "type " + to_valid_utf8(entry.dtype) + " is not read by winnow");
  if (entry.begin > entry.end || entry.end > data_size)
    fail(source, at,
         where + "data_offsets [" + std::to_string(entry.begin) + ", " + std::to_string(entry.end) +
             "] do not lie in the " + std::to_string(data_size) + " data bytes: truncated?");
  uint64_t bytes = element;
  for (const int64_t side : entry.shape)
    if (__builtin_mul_overflow(bytes, static_cast<uint64_t>(side), &bytes)) fail(source, at, where + "shape overflows");
  if (bytes != entry.end - entry.begin)
    fail(source, at,
         where + "shape needs " + std::to_string(bytes) + " bytes, data_offsets span " +
             std::to_string(entry.end - entry.begin));
}

void check_coverage(const SafetensorsHeader& header, uint64_t data_size, const std::string& source) {
  std::vector<const SafetensorsEntry*> order;
  for (const auto& entry : header.entries) order.push_back(&entry);
  std::sort(order.begin(), order.end(),
            [](const auto* a, const auto* b) { return a->begin != b->begin ? a->begin < b->begin : a->end < b->end; });
  uint64_t covered = 0;
  for (const auto* entry : order) {
    const std::string name = "tensor '" + to_valid_utf8(entry->name) + "' ";
    if (entry->begin < covered) fail(source, header.data_offset + entry->begin, name + "overlaps the one before it");
    if (entry->begin > covered) fail(source, header.data_offset + covered, "a gap before " + name);
    covered = entry->end;
  }
  if (covered != data_size)
    fail(source, header.data_offset + covered, std::to_string(data_size - covered) + " bytes belong to no tensor");
}

}  // namespace

uint64_t safetensors_element_size(std::string_view dtype) {
  if (dtype == "F32" || dtype == "I32") return 4;
  if (dtype == "F16" || dtype == "BF16") return 2;
  if (dtype == "F64" || dtype == "I64") return 8;
  if (dtype == "U8" || dtype == "BOOL") return 1;
  return 0;
}

SafetensorsHeader parse_safetensors_header(std::span<const std::byte> file, const std::string& source) {
  const uint64_t length = read_length(file, source);
  const char* text = reinterpret_cast<const char*>(file.data()) + kLengthBytes;
  HeaderReader reader;
  const bool fine = nlohmann::json::sax_parse(text, text + length, &reader);
  if (!fine)
    fail(source, kLengthBytes + std::min<uint64_t>(reader.fault_position, length),
         "header: " + to_valid_utf8(reader.fault));
  reader.header.data_offset = kLengthBytes + length;
  const uint64_t data_size = file.size() - reader.header.data_offset;
  for (const auto& entry : reader.header.entries) check_entry(entry, reader.header, data_size, source);
  check_coverage(reader.header, data_size, source);
  return std::move(reader.header);
}

}  // namespace winnow
