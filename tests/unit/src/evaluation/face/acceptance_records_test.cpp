// Check 6 of face.md 8: RecordIO bytes.
#include <gtest/gtest.h>

#include "data/record_io.h"
#include "src/core/random.h"
#include "tests/support/expect_error.h"
#include "tests/unit/src/evaluation/face/hex.h"

namespace winnow {
namespace {

using test::from_hex;

std::string record_of(std::string_view payload) {
  std::string out;
  append_record(out, payload);
  return out;
}

std::string read_back(std::string_view bytes) {
  uint64_t offset = 0;
  const std::string payload = read_record(bytes, offset, "r");
  EXPECT_EQ(offset, bytes.size());
  return payload;
}

TEST(FaceAcceptance, Check6) {
  ImageRecord scalar;
  scalar.labels = {7};
  scalar.id = 5;
  scalar.content = "ABCDE";
  const std::string bytes = record_of(image_record_bytes(scalar));
  EXPECT_EQ(bytes, from_hex("0a23d7ce1d000000000000000000e040050000000000000000000000000000004142434445000000"));
  const std::string payload = read_back(bytes);
  EXPECT_EQ(parse_image_record(payload, "r").content, "ABCDE");
  const std::string magic = from_hex("0a23d7ce");
  const std::pair<std::string, std::string> cases[] = {
      {"AAAA" + magic + "BB", "0a23d7ce04000020414141410a23d7ce0200006042420000"},
      {magic, "0a23d7ce000000200a23d7ce00000060"},
      {"A" + magic + "B", "0a23d7ce06000000410a23d7ce420000"},
      {"", "0a23d7ce00000000"}};
  for (const auto& [content, hex] : cases) {
    EXPECT_EQ(record_of(content), from_hex(hex));
    EXPECT_EQ(read_back(from_hex(hex)), content);
  }
  // The small InsightFace file.
  std::string rec, idx;
  const auto add = [&](int64_t key, const ImageRecord& record) {
    idx += std::to_string(key) + "\t" + std::to_string(rec.size()) + "\n";
    append_record(rec, image_record_bytes(record));
  };
  const float classes[] = {0, 0, 0, 1, 1};
  const std::string letters = "abcde";
  for (uint64_t k = 1; k <= 5; ++k)
    add(static_cast<int64_t>(k), {{classes[k - 1]}, k, 0, false, std::string_view(letters).substr(k - 1, 1)});
  add(6, {{1, 4}, 6, 0, true, {}});
  add(7, {{4, 6}, 7, 0, true, {}});
  add(0, {{6, 8}, 0, 1, true, {}});
  EXPECT_EQ(rec.size(), 300u);
  EXPECT_EQ(sha256_hex(rec), "c4e84fbd155ebe1c9e88c6e64d0bf37f2b383a78bcb0dca12ba5fc34a7215008");
  EXPECT_EQ(idx, "1\t0\n2\t36\n3\t72\n4\t108\n5\t144\n6\t180\n7\t220\n0\t260\n");
  const auto records = list_face_records(rec, parse_record_index(idx, "train.idx"), "train.rec");
  EXPECT_TRUE(records.has_header);
  EXPECT_EQ(records.labels, (std::vector<int64_t>{0, 0, 0, 1, 1}));
  EXPECT_EQ(records.classes, 2);
  EXPECT_EQ(static_cast<float>(16777217), 16777216.f);
  EXPECT_TRUE(ranges_are_exact(16777215));
  EXPECT_FALSE(ranges_are_exact(16777216));
}

TEST(RecordIo, ARangePastEveryIntegerIsNoHeader) {  // found by fuzz_lists: the cast to int64 was undefined
  std::string rec;
  append_record(rec, image_record_bytes({{5.24393e36f, 6e36f}, 0, 1, true, {}}));
  const auto second = rec.size();
  append_record(rec, image_record_bytes({{3}, 1, 0, false, "a"}));
  const auto records = list_face_records(rec, {{0, 0}, {1, second}}, "train.rec");
  EXPECT_FALSE(records.has_header);
  EXPECT_EQ(records.labels, (std::vector<int64_t>{3}));
}

TEST(RecordIo, DamageIsNamedByOffsetAndSkipped) {
  std::string bytes = record_of("first") + record_of("second");
  uint64_t offset = 16;
  EXPECT_EQ(read_record(bytes, offset, "r"), "second");
  std::string broken = bytes;
  broken[0] = 'x';
  offset = 0;
  EXPECT_NE(test::error_of(ErrorCode::kData, [&] { read_record(broken, offset, "t.rec"); }).find("t.rec: offset 0"),
            std::string::npos);
  EXPECT_EQ(resynchronise(broken, 0), 16u);
  for (size_t length = 0; length < 16; ++length) {
    offset = 0;
    EXPECT_THROW(read_record(std::string_view(bytes).substr(0, length), offset, "r"), Error) << length;
  }
  EXPECT_THROW(parse_record_index("1\tx\n", "i"), Error);
  for (uint64_t i = 0; i < 2000; ++i) {
    Random random(1, "recordio", i);
    std::string mutated = bytes + record_of("AAAA" + from_hex("0a23d7ce") + "BB");
    for (int k = 0; k < 3; ++k) mutated[random.below(mutated.size())] = static_cast<char>(random.below(256));
    uint64_t at = 0;
    try {
      while (at < mutated.size()) read_record(mutated, at, "m");
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ErrorCode::kData);
    }
  }
}

}  // namespace
}  // namespace winnow
