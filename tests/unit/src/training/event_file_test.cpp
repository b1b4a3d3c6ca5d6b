#include "src/training/event_file.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "tests/support/temp_dir.h"

namespace winnow {
namespace {

template <typename T>
T little_endian(std::string_view bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

/// Payloads of a TFRecord file; both checksums of each record are compared.
std::vector<std::string> read_records(const std::string& file) {
  std::vector<std::string> out;
  for (size_t at = 0; at < file.size();) {
    const std::string_view head(file.data() + at, 8);
    const auto length = little_endian<uint64_t>(head);
    EXPECT_EQ(little_endian<uint32_t>({file.data() + at + 8, 4}), masked_crc32c(head));
    const std::string_view payload(file.data() + at + 12, length);
    EXPECT_EQ(little_endian<uint32_t>({payload.data() + length, 4}), masked_crc32c(payload));
    out.emplace_back(payload);
    at += 16 + length;
  }
  return out;
}

struct Field {
  int number, wire;
  uint64_t integer = 0;
  std::string bytes;
};

uint64_t read_varint(std::string_view text, size_t& at) {
  uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(text[at++]);
    value |= static_cast<uint64_t>(byte & 127) << shift;
    if (byte < 128) return value;
  }
}

std::vector<Field> decode(std::string_view text) {
  std::vector<Field> out;
  for (size_t at = 0; at < text.size();) {
    const uint64_t key = read_varint(text, at);
    Field field{static_cast<int>(key >> 3), static_cast<int>(key & 7), 0, ""};
    if (field.wire == 0) {
      field.integer = read_varint(text, at);
    } else {
      const size_t length = field.wire == 1 ? 8 : field.wire == 5 ? 4 : read_varint(text, at);
      field.bytes = text.substr(at, length);
      at += length;
    }
    out.push_back(field);
  }
  return out;
}

TEST(EventFile, Crc32cMatchesPublishedVectors) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);  // RFC 3720, B.4
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  EXPECT_EQ(masked_crc32c("123456789"), 0xc78ab0e5u);
}

TEST(EventFile, HoldsVersionSessionStartAndScalars) {
  const test::TempDir dir;
  EventFile events(dir.path(), 7);
  events.add(300, {{"train/loss", 2.5}, {"val/recall@1", 0.25}});
  const auto records = read_records(read_file(events.file()));
  ASSERT_EQ(records.size(), 3u);
  const auto version = decode(records[0]);
  EXPECT_EQ(version.back().number, 3);
  EXPECT_EQ(version.back().bytes, "brain.Event:2");
  const auto start = decode(records[1]);
  EXPECT_EQ(start[1].integer, 7u);
  EXPECT_EQ(start.back().number, 7);
  EXPECT_EQ(decode(start.back().bytes).at(0).integer, 1u);

  const auto event = decode(records[2]);
  ASSERT_EQ(event.size(), 3u);
  EXPECT_EQ(event[0].number, 1);
  EXPECT_GT(little_endian<double>(event[0].bytes), 1.6e9);
  EXPECT_EQ(event[1].integer, 300u);
  const auto values = decode(event[2].bytes);
  ASSERT_EQ(values.size(), 2u);
  const auto loss = decode(values[0].bytes);
  EXPECT_EQ(loss[0].bytes, "train/loss");
  EXPECT_EQ(loss[1].number, 2);
  EXPECT_EQ(little_endian<float>(loss[1].bytes), 2.5f);
}

TEST(EventFile, LeavesValuesOutThatAreNotFinite) {
  const test::TempDir dir;
  EventFile events(dir.path(), 0);
  events.add(1, {{"a", std::numeric_limits<double>::quiet_NaN()}, {"b", 1.0}});
  const auto event = decode(read_records(read_file(events.file())).back());
  EXPECT_EQ(decode(event.back().bytes).size(), 1u);
}

TEST(EventFile, TwoFilesOfOneSecondHaveTwoNames) {
  const test::TempDir dir;
  const EventFile first(dir.path(), 0), second(dir.path(), 0);
  EXPECT_NE(first.file(), second.file());
}

}  // namespace
}  // namespace winnow
