#include "src/core/csv_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "src/core/random.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace winnow {
namespace {

using test::error_of;
using testing::HasSubstr;

/// Rows with their lines, or the message of the first fault.
template <typename Read>
std::string outcome(const Read& read) {
  std::string out;
  try {
    read(out);
  } catch (const Error& e) {
    return e.what();
  }
  return out;
}

std::string whole(const fs::path& file) {
  return outcome([&](std::string& out) {
    const Csv csv = read_csv(file);
    out = csv_line(csv.header);
    for (size_t i = 0; i < csv.rows.size(); ++i) out += std::to_string(csv.lines[i]) + ' ' + csv_line(csv.rows[i]);
  });
}

std::string streamed(const fs::path& file, size_t chunk) {
  return outcome([&](std::string& out) {
    CsvStream csv(file, size_t{1} << 20, chunk);
    out = csv_line(csv.columns().header);
    for (std::vector<std::string> row; csv.next(row);) out += std::to_string(csv.line()) + ' ' + csv_line(row);
  });
}

TEST(CsvStream, EqualsTheWholeFileForEveryChunk) {
  const std::string pieces[] = {"a", "b,c", ",", "\"", "\"\"", "\"x,\ny\"", "\n", "\r\n", "\r", "\xEF\xBB\xBF", " "};
  const test::TempDir folder;
  int faults = 0;
  for (uint64_t i = 0; i < 400; ++i) {
    Random random(3, "csv-stream", i);
    std::string text = i % 4 == 0 ? "h,k\n" : "h\n";
    for (uint64_t n = random.below(12); n > 0; --n) text += pieces[random.below(std::size(pieces))];
    const fs::path file = folder / "f.csv";
    std::ofstream(file, std::ios::binary) << text;
    const std::string want = whole(file);
    faults += want.find("f.csv:") != std::string::npos;
    for (const size_t chunk : {1, 2, 3, 7, 1000}) ASSERT_EQ(streamed(file, chunk), want) << text << "\nchunk " << chunk;
  }
  EXPECT_GT(faults, 50);
  EXPECT_LT(faults, 350);
}

TEST(CsvStream, RowsAreBounded) {
  const test::TempDir folder;
  write_file_atomically(folder / "f.csv", "a\n1\n\"" + std::string(5000, 'x'));
  CsvStream csv(folder / "f.csv", 1000, 64);
  std::vector<std::string> row;
  ASSERT_TRUE(csv.next(row));
  EXPECT_THAT(error_of(ErrorCode::kData, [&] { csv.next(row); }), HasSubstr("f.csv:3: a row of at most 1000 bytes"));
}

TEST(CsvStream, MissingEmptyAndFolder) {
  const test::TempDir folder;
  write_file_atomically(folder / "empty.csv", "\n\n");
  EXPECT_THAT(error_of(ErrorCode::kData, [&] { CsvStream csv(folder / "empty.csv"); }), HasSubstr("header line"));
  EXPECT_THAT(error_of(ErrorCode::kData, [&] { CsvStream csv(folder.path()); }), HasSubstr("a readable file"));
  EXPECT_THAT(error_of(ErrorCode::kNotFound, [&] { CsvStream csv(folder / "gone.csv"); }), HasSubstr("gone.csv"));
}

}  // namespace
}  // namespace winnow
