#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "src/core/files.h"

namespace winnow {

/// A NumPy .npy array of little-endian float16, float32, float64, int64 or int32 in C order, memory-mapped.
class NpyFile {
 public:
  /// @throws Error(kNotFound), Error(kData) for a bad magic, version, dtype, Fortran order or a size that does not
  /// match the header (truncated file)
  explicit NpyFile(const fs::path& file);
  const std::vector<int64_t>& shape() const { return shape_; }
  /// "<f2", "<f4", "<f8", "<i8" or "<i4".
  const std::string& dtype() const { return dtype_; }
  /// Elements as float32. @throws Error(kData) unless the dtype is <f4
  std::span<const float> float32() const;
  /// Elements as IEEE binary16 (half.h). @throws Error(kData) unless the dtype is <f2
  std::span<const uint16_t> float16() const;
  /// A copy converted to int64. @throws Error(kData) for a floating dtype
  std::vector<int64_t> int64() const;
  /// The elements' bytes, aligned for the dtype.
  std::span<const std::byte> raw() const { return data_; }

 private:
  MappedFile file_;
  std::vector<std::byte> aligned_;  ///< copy for files whose data do not start at a multiple of the element size
  std::span<const std::byte> data_;
  std::vector<int64_t> shape_;
  std::string dtype_, name_;
};

/// Parses the header of an .npy file. @return offset of the data. @throws Error(kData) naming `name`
size_t parse_npy_header(std::span<const std::byte> bytes, const std::string& name, std::vector<int64_t>& shape,
                        std::string& dtype);

/// Writes float32 [rows, dim] in C order, version 1.0 header padded to 64 bytes; atomic. @return SHA-256
/// @throws Error(kShape) unless values.size() == rows * dim, Error(kDevice)
std::string write_npy(const fs::path& file, std::span<const float> values, int64_t rows, int64_t dim);

/// The header bytes alone (for streaming writers through AtomicFile).
std::string npy_header(int64_t rows, int64_t dim, const std::string& dtype = "<f4");

}  // namespace winnow
