// The containers of check 7 that belong to training sets, and their damage.
#include "data/face_lists.h"

#include <gtest/gtest.h>

#include "src/core/crc32c.h"
#include "src/core/random.h"
#include "tests/support/expect_error.h"
#include "tests/unit/src/evaluation/face/hex.h"

namespace winnow {
namespace {

using test::from_hex;

TEST(FaceAcceptance, Check7TrainingContainers) {
  const auto face = parse_celeb_line("m.0abc\t3\turl\tpage\tFaceId-0\tAACAPgAAAD4AAEA/AABgPw==\t/9j/2Q==", "c.tsv", 1);
  EXPECT_EQ(face.box, (std::array<float, 4>{.25f, .125f, .75f, .875f}));
  EXPECT_EQ(face.picture, from_hex("ffd8ffd9"));
  EXPECT_EQ(face.key(), "3-FaceId-0");
  const std::string record = from_hex("0500000000000000eab2043e68656c6c6fbb1f1c19");
  EXPECT_EQ(tf_record_bytes("hello"), record);
  uint64_t offset = 0;
  EXPECT_EQ(read_tf_record(record, offset, "t"), "hello");
  EXPECT_EQ(offset, record.size());
  EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
  const std::string bytes = from_hex("08031001180122030a141e2807");
  const Datum datum = parse_datum(bytes, "d");
  EXPECT_EQ(datum.channels, 3);
  EXPECT_EQ(datum.height * datum.width, 1);
  EXPECT_EQ(datum.data, from_hex("0a141e"));
  EXPECT_EQ(datum.label, 7);
}

TEST(TrainingLists, FormsAndDamage) {
  EXPECT_EQ(parse_training_list("a/1.jpg 5\nb.jpg\t6\n", "l")[1].label, 6);
  EXPECT_EQ(parse_training_list("a/1.jpg 0 5 0\n", "l")[0].label, 5);
  EXPECT_EQ(parse_training_list("5\ta.jpg\n", "l", true)[0].path, "a.jpg");
  for (const char* text : {"a b c\n", "a x\n", "a -1\n"})
    EXPECT_NE(test::error_of(ErrorCode::kData, [&] { parse_training_list(text, "l"); }).find("l:1"), std::string::npos);
  for (const char* line : {"m\t1\t2", "m\tx\tu\tp\tf\tAACAPgAAAD4AAEA/AABgPw==\t/9j/2Q==",
                           "m\t1\tu\tp\tf\tAAAA\t/9j/2Q==", "m\t1\tu\tp\tf\tAACAPgAAAD4AAEA/AABgPw==\t/9j/2Q="})
    EXPECT_NE(test::error_of(ErrorCode::kData, [&] { parse_celeb_line(line, "c.tsv", 9); }).find("c.tsv:9"),
              std::string::npos);
}

TEST(TrainingContainers, MutationsEndInAnErrorOrARecord) {
  const std::string seeds[] = {tf_record_bytes("hello"), from_hex("08031001180122030a141e2807"),
                               from_hex("0801100118013a01003208000080bf0000003f")};
  for (uint64_t i = 0; i < 3000; ++i) {
    Random random(2, "containers", i);
    std::string bytes = seeds[i % 3];
    for (int k = 0; k < 2; ++k) bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
    if (random.chance(0.3)) bytes.resize(random.below(bytes.size()));
    uint64_t offset = 0;
    try {
      i % 3 == 0 ? void(read_tf_record(bytes, offset, "m")) : void(parse_datum(bytes, "m"));
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ErrorCode::kData);
    }
  }
}

}  // namespace
}  // namespace winnow
