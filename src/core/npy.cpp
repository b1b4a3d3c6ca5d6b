#include "src/core/npy.h"

#include <cstring>
#include <string_view>

#include "src/core/error.h"
#include "src/core/text.h"

namespace winnow {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr size_t kLongestHeader = 1 << 16;
constexpr size_t kMostDimensions = 32;

[[noreturn]] void fail(const std::string& name, const std::string& what) {
  throw Error(ErrorCode::kData, "[npy] " + name + ": " + what);
}

size_t element_size(const std::string& dtype) { return static_cast<size_t>(dtype[2] - '0'); }

/// The text after `'key':` of the header's Python dictionary.
std::string_view value_of(std::string_view header, std::string_view key, const std::string& name) {
  size_t at = header.find("'" + std::string(key) + "'");
  if (at != std::string_view::npos) at = header.find(':', at + key.size() + 2);
  if (at == std::string_view::npos) fail(name, "the header must name '" + std::string(key) + "', it does not");
  return trim(header.substr(at + 1));
}

std::string parse_dtype(std::string_view value, const std::string& name) {
  const size_t end = value.size() > 1 && value[0] == '\'' ? value.find('\'', 1) : std::string_view::npos;
  std::string dtype(end == std::string_view::npos ? value.substr(0, 24) : value.substr(1, end - 1));
  if (dtype != "<f2" && dtype != "<f4" && dtype != "<f8" && dtype != "<i8" && dtype != "<i4")
    fail(name, "the dtype must be '<f2', '<f4', '<f8', '<i8' or '<i4', it is '" + to_valid_utf8(dtype) + "'");
  return dtype;
}

std::vector<int64_t> parse_shape(std::string_view value, const std::string& name) {
  const size_t close = value.find(')');
  if (value.empty() || value[0] != '(' || close == std::string_view::npos)
    fail(name, "the shape must be a tuple such as (100, 128)");
  const std::string_view inside = trim(value.substr(1, close - 1));
  std::vector<int64_t> shape;
  if (inside.empty()) return shape;
  auto parts = split(inside, ',');
  if (parts.size() > 1 && trim(parts.back()).empty()) parts.pop_back();  // (100,)
  if (parts.size() > kMostDimensions) fail(name, "the shape may have at most 32 dimensions");
  for (const auto& part : parts) {
    const auto size = parse_int(trim(part));
    if (!size || *size < 0) fail(name, "the shape must be whole numbers >= 0, got '" + to_valid_utf8(inside) + "'");
    shape.push_back(*size);
  }
  return shape;
}

/// Bytes of the elements. A product that overflows cannot be a real file.
uint64_t data_bytes(const std::vector<int64_t>& shape, const std::string& dtype, const std::string& name) {
  uint64_t bytes = element_size(dtype);
  for (const int64_t size : shape)
    if (__builtin_mul_overflow(bytes, static_cast<uint64_t>(size), &bytes)) fail(name, "the shape is too large");
  return bytes;
}

}  // namespace

size_t parse_npy_header(std::span<const std::byte> bytes, const std::string& name, std::vector<int64_t>& shape,
                        std::string& dtype) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.substr(0, kMagic.size()) != kMagic) fail(name, "a NumPy .npy file is required, the magic bytes differ");
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : size_t{0}; };
  const size_t major = byte(6);
  if (text.size() < 12 || major < 1 || major > 3)
    fail(name, "format version 1, 2 or 3 is required, got " + std::to_string(major));
  const size_t length_bytes = major == 1 ? 2 : 4;
  size_t length = 0;
  for (size_t i = 0; i < length_bytes; ++i) length |= byte(8 + i) << (8 * i);
  const size_t start = 8 + length_bytes;
  if (length > kLongestHeader || start + length > text.size())
    fail(name, "the header of " + std::to_string(length) + " bytes is cut off at byte " + std::to_string(text.size()));
  const std::string_view header = text.substr(start, length);
  dtype = parse_dtype(value_of(header, "descr", name), name);
  const auto order = value_of(header, "fortran_order", name);
  if (order.rfind("False", 0) != 0) fail(name, "C order is required, got Fortran order (use numpy.ascontiguousarray)");
  shape = parse_shape(value_of(header, "shape", name), name);
  return start + length;
}

NpyFile::NpyFile(const fs::path& file) : file_(file), name_(file.string()) {
  const auto bytes = file_.bytes();
  const size_t offset = parse_npy_header(bytes, name_, shape_, dtype_);
  const uint64_t wanted = data_bytes(shape_, dtype_, name_);
  const uint64_t present = bytes.size() - offset;
  if (present != wanted)
    fail(name_, "the header promises " + std::to_string(wanted) + " bytes of data, the file has " +
                    std::to_string(present) + (present < wanted ? " (truncated?)" : ""));
  data_ = bytes.subspan(offset);
  if (offset % element_size(dtype_) != 0) {
    aligned_.assign(data_.begin(), data_.end());
    data_ = aligned_;
  }
}

std::span<const float> NpyFile::float32() const {
  if (dtype_ != "<f4") fail(name_, "float32 ('<f4') is required, it is '" + dtype_ + "'");
  return {reinterpret_cast<const float*>(data_.data()), data_.size() / sizeof(float)};
}

std::span<const uint16_t> NpyFile::float16() const {
  if (dtype_ != "<f2") fail(name_, "float16 ('<f2') is required, it is '" + dtype_ + "'");
  return {reinterpret_cast<const uint16_t*>(data_.data()), data_.size() / sizeof(uint16_t)};
}

std::vector<int64_t> NpyFile::int64() const {
  if (dtype_ != "<i8" && dtype_ != "<i4") fail(name_, "an integer dtype is required, it is '" + dtype_ + "'");
  const size_t size = element_size(dtype_);
  std::vector<int64_t> values(data_.size() / size);
  if (size == 8) {
    if (!values.empty()) std::memcpy(values.data(), data_.data(), data_.size());
    return values;
  }
  for (size_t i = 0; i < values.size(); ++i) {
    int32_t value = 0;
    std::memcpy(&value, data_.data() + 4 * i, 4);
    values[i] = value;
  }
  return values;
}

std::string npy_header(int64_t rows, int64_t dim, const std::string& dtype) {
  std::string dict = "{'descr': '" + dtype + "', 'fortran_order': False, 'shape': (" + std::to_string(rows) + ", " +
                     std::to_string(dim) + "), }";
  // Magic, version and length take 10 bytes; the whole is a multiple of 64 and ends with a line feed.
  dict.append((64 - (10 + dict.size() + 1) % 64) % 64, ' ');
  dict += '\n';
  std::string out(kMagic);
  out += '\x01';
  out += '\0';
  out += static_cast<char>(dict.size() & 255);
  out += static_cast<char>(dict.size() >> 8);
  return out + dict;
}

std::string write_npy(const fs::path& file, std::span<const float> values, int64_t rows, int64_t dim) {
  if (rows < 0 || dim < 0 || static_cast<int64_t>(values.size()) != rows * dim)
    throw Error(ErrorCode::kShape, "[npy] " + file.string() + ": [" + std::to_string(rows) + ", " +
                                       std::to_string(dim) + "] values are required, got " +
                                       std::to_string(values.size()));
  AtomicFile out(file);
  out.write(npy_header(rows, dim));
  out.write(values.data(), values.size_bytes());
  return out.commit();
}

}  // namespace winnow
