#include "src/core/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace winnow {
namespace {

using test::error_of;
using testing::ElementsAre;
using testing::HasSubstr;

std::string npy(const std::string& dict, const std::string& data, char version = 1) {
  std::string out = "\x93NUMPY";
  out += version;
  out += '\0';
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i) out += static_cast<char>(dict.size() >> (8 * i));
  return out + dict + data;
}

template <typename T>
std::string raw(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

class Npy : public testing::Test {
 protected:
  NpyFile read(const std::string& bytes) {
    write_file_atomically(file_, bytes);
    return NpyFile(file_);
  }
  std::string refused(const std::string& bytes) {
    return error_of(ErrorCode::kData, [&] { read(bytes); });
  }
  test::TempDir dir_;
  fs::path file_ = dir_ / "a.npy";
};

TEST_F(Npy, WritesWhatNumpyWrites) {
  const std::vector<float> values = {1, 2, 3, 4, 5, -6.5f};
  const std::string digest = write_npy(file_, values, 2, 3);
  const std::string bytes = read_file(file_);
  EXPECT_EQ(digest, sha256_hex(bytes));
  EXPECT_EQ(bytes.size(), 128u + 24u);
  // As numpy 1.24 saves it.
  EXPECT_EQ(bytes.substr(0, 10), std::string("\x93NUMPY\x01\x00\x76\x00", 10));
  EXPECT_EQ(bytes.substr(10, 59), "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }");
  EXPECT_EQ(bytes[127], '\n');
  const NpyFile file(file_);
  EXPECT_THAT(file.shape(), ElementsAre(2, 3));
  EXPECT_EQ(file.dtype(), "<f4");
  EXPECT_THAT(file.float32(), ElementsAre(1, 2, 3, 4, 5, -6.5f));
}

TEST_F(Npy, HeaderIsAlignedForEveryShape) {
  for (const int64_t rows : {int64_t{0}, int64_t{7}, int64_t{123456789012}, INT64_MAX})
    EXPECT_EQ(npy_header(rows, 128).size() % 64, 0u) << rows;
}

TEST_F(Npy, EmptyArray) {
  write_npy(file_, {}, 0, 128);
  const NpyFile file(file_);
  EXPECT_THAT(file.shape(), ElementsAre(0, 128));
  EXPECT_TRUE(file.float32().empty());
}

TEST_F(Npy, WrongNumberOfValues) {
  EXPECT_THAT(error_of(ErrorCode::kShape, [&] { write_npy(file_, std::vector<float>(5), 2, 3); }),
              HasSubstr("[2, 3] values are required, got 5"));
  EXPECT_FALSE(fs::exists(file_));
}

TEST_F(Npy, IntegersOfBothSizesAndOtherHeaderVersions) {
  const auto wide =
      read(npy("{'descr': '<i8', 'fortran_order': False, 'shape': (3,), }\n", raw<int64_t>({1, -2, 1LL << 40})));
  EXPECT_THAT(wide.int64(), ElementsAre(1, -2, 1LL << 40));
  const auto narrow = read(npy("{'shape': (2,), 'fortran_order': False, 'descr': '<i4'}\n", raw<int32_t>({7, -8}), 2));
  EXPECT_THAT(narrow.int64(), ElementsAre(7, -8));
  EXPECT_THAT(narrow.shape(), ElementsAre(2));
  EXPECT_THAT(error_of(ErrorCode::kData, [&] { narrow.float32(); }),
              HasSubstr("float32 ('<f4') is required, it is '<i4'"));
}

TEST_F(Npy, Halves) {
  const std::string dict = "{'descr': '<f2', 'fortran_order': False, 'shape': (1, 3), }\n";
  const auto file = read(npy(dict, raw<uint16_t>({0x3c00, 0xc000, 0x7bff})));
  EXPECT_THAT(file.float16(), ElementsAre(0x3c00, 0xc000, 0x7bff));
  EXPECT_THAT(error_of(ErrorCode::kData, [&] { file.float32(); }), HasSubstr("it is '<f2'"));
  EXPECT_THAT(refused(npy(dict, "12345")), HasSubstr("promises 6 bytes of data, the file has 5 (truncated?)"));
  EXPECT_THAT(error_of(ErrorCode::kData, [&] { read(npy(dict, "123456")).int64(); }), HasSubstr("integer"));
  EXPECT_EQ(npy_header(1, 3, "<f2").substr(10, 59), "{'descr': '<f2', 'fortran_order': False, 'shape': (1, 3), }");
}

TEST_F(Npy, DataAtAnOddOffsetAreStillAligned) {
  const auto file = read(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} \n", raw<float>({1.5f, 2.5f})));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(file.float32().data()) % alignof(float), 0u);
  EXPECT_THAT(file.float32(), ElementsAre(1.5f, 2.5f));
}

TEST_F(Npy, RefusesWhatItCannotRead) {
  const std::string good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n", two = raw<float>({1, 2});
  EXPECT_THAT(refused("PK\x03\x04 a zip archive"), HasSubstr("magic bytes differ"));
  EXPECT_THAT(refused(""), HasSubstr("magic bytes differ"));
  EXPECT_THAT(refused(npy(good, two, 9)), HasSubstr("version 1, 2 or 3 is required, got 9"));
  EXPECT_THAT(refused(npy(good, two).substr(0, 40)), HasSubstr("cut off at byte 40"));
  EXPECT_THAT(refused(npy(good, two.substr(0, 7))), HasSubstr("promises 8 bytes of data, the file has 7 (truncated?)"));
  EXPECT_THAT(refused(npy(good, two + "x")), HasSubstr("promises 8 bytes of data, the file has 9"));
  EXPECT_THAT(refused(npy("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 2), }\n", two)), HasSubstr("Fortran"));
  EXPECT_THAT(refused(npy("{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }\n", two)),
              HasSubstr("it is '>f4'"));
  EXPECT_THAT(refused(npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }\n", two)),
              HasSubstr("the dtype must be"));
  EXPECT_THAT(refused(npy("{'fortran_order': False, 'shape': (2,), }\n", two)), HasSubstr("must name 'descr'"));
  EXPECT_THAT(refused(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }\n", two)), HasSubstr(">= 0"));
  EXPECT_THAT(refused(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, }\n", two)), HasSubstr("tuple"));
}

TEST_F(Npy, ShapeThatOverflowsIsRefusedBeforeAnyAllocation) {
  EXPECT_THAT(refused(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }\n", "")),
              HasSubstr("too large"));
  EXPECT_THAT(refused(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000, 1000000), }\n", "abcd")),
              HasSubstr("the file has 4"));
}

TEST_F(Npy, ErrorsNameTheFile) {
  error_of(ErrorCode::kNotFound, [&] { NpyFile file(dir_ / "none.npy"); });
  EXPECT_THAT(refused("x"), HasSubstr(file_.string()));
}

}  // namespace
}  // namespace winnow
