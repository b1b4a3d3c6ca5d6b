#include "src/evaluation/pickle.h"

#include <gtest/gtest.h>

#include "src/core/error.h"

namespace winnow {
namespace {

fs::path sample(const std::string& name) { return fs::path(WINNOW_SOURCE_DIR) / "tests/fuzz/corpus/pickle" / name; }

std::string message_of(const std::string& bytes) {
  try {
    parse_pickle(bytes, "x.pkl");
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ErrorCode::kData);
    return e.what();
  }
  return "";
}

TEST(Pickle, GroundTruthOfRevisitedOxfordInEveryProtocol) {
  for (const char* name : {"gnd_p0.pkl", "gnd_p2.pkl", "gnd_p3.pkl", "gnd_p4.pkl", "gnd_p5.pkl"}) {
    SCOPED_TRACE(name);
    const auto document = read_pickle(sample(name));
    const auto root = document->root();
    EXPECT_EQ(root.get("imlist").at(2).text(), "c");
    EXPECT_EQ(root.get("qimlist").at(0).text(), "q1");
    const auto query = root.get("gnd").at(0);
    EXPECT_EQ(query.get("bbx").numbers(), (std::vector<double>{1, 2.5, 3, 4}));
    EXPECT_EQ(query.get("easy").integers(), (std::vector<int64_t>{0, 1}));
    EXPECT_EQ(query.get("hard").integers(), (std::vector<int64_t>{2}));
    EXPECT_TRUE(query.get("junk").integers().empty());
    EXPECT_FALSE(query.has("ok"));
    EXPECT_THROW(query.get("ok"), Error);
  }
}

TEST(Pickle, ByteStringsOfEveryProducer) {
  const std::string first("\xff\xd8one", 5), second("\x00two\xe9", 5);
  for (const char* name : {"bytes_p2.pkl", "bytes_p3.pkl", "bytes_p4.pkl", "python2.pkl"}) {
    SCOPED_TRACE(name);
    const auto document = read_pickle(sample(name));
    const auto root = document->root();
    ASSERT_EQ(root.size(), 2u);
    EXPECT_EQ(root.at(0).at(0).bytes(), first);
    EXPECT_EQ(root.at(0).at(1).bytes(), second);
    EXPECT_TRUE(root.at(1).at(0).boolean());
  }
}

TEST(Pickle, ImagesKeptAsArrays) {
  for (const char* name : {"arrays_p2.pkl", "arrays_p4.pkl", "arrays_p5.pkl"}) {
    SCOPED_TRACE(name);
    const auto document = read_pickle(sample(name));
    const auto images = document->root().at(0);
    EXPECT_EQ(images.at(0).bytes(), "\xff\xd8one");
    EXPECT_EQ(images.at(0).shape(), (std::vector<int64_t>{5, 1}));
    EXPECT_EQ(images.at(1).bytes(), std::string_view("\x00two", 4));
    EXPECT_TRUE(document->root().at(1).at(0).boolean());
  }
}

TEST(Pickle, ACallOutsideTheListIsRefusedAndNotMade) {
  const fs::path touched = "/tmp/winnow_hostile_pickle";
  fs::remove(touched);
  for (const char* name : {"hostile_p0.pkl", "hostile_p2.pkl", "hostile_p4.pkl"}) {
    try {
      read_pickle(sample(name));
      ADD_FAILURE() << name << " was read";
    } catch (const Error& e) {
      EXPECT_NE(std::string(e.what()).find(".system' is not on the whitelist"), std::string::npos) << e.what();
      EXPECT_NE(std::string(e.what()).find(": offset "), std::string::npos) << e.what();
    }
  }
  EXPECT_FALSE(fs::exists(touched));
}

TEST(Pickle, EveryTruncationIsAnError) {
  for (const char* name : {"gnd_p0.pkl", "gnd_p4.pkl", "arrays_p2.pkl"}) {
    const auto whole = read_file(sample(name));
    for (size_t n = 0; n < whole.size(); ++n) ASSERT_NE(message_of(whole.substr(0, n)), "") << name << " " << n;
  }
}

TEST(Pickle, ErrorsNameFileOffsetAndCause) {
  EXPECT_EQ(message_of("\x80\x06."), "[pickle] x.pkl: offset 0: protocol 0 to 5, given 6");
  EXPECT_EQ(message_of("]]\x93."), "[pickle] x.pkl: offset 2: a global's name must be text");
  EXPECT_EQ(message_of("K\x01\x82."), "[pickle] x.pkl: offset 2: opcode 0x82 is not on the whitelist");
  EXPECT_EQ(message_of("h\x07."), "[pickle] x.pkl: offset 0: memo 7 was never stored");
  EXPECT_EQ(message_of("K\x01.N"), "[pickle] x.pkl: offset 2: 1 bytes follow the end of the pickle");
  EXPECT_EQ(message_of("B\xff\xff\xff\x7f."),
            "[pickle] x.pkl: offset 0: 2147483647 bytes are required, but the file ends after 1 (truncated)");
  EXPECT_NE(message_of("cnumpy\ndtype\n(VO8\ntR.").find("given dtype 'O8'"), std::string::npos);
}

TEST(Pickle, AFileCannotMultiplyItself) {
  std::string bytes = "]V" + std::string(1000, 'x') + "\np0\na";
  for (int i = 0; i < 100; ++i) bytes += "c_codecs\nencode\n(g0\nVlatin1\ntRa";
  EXPECT_NE(message_of(bytes + ".").find("a file that repeats itself"), std::string::npos);
}

TEST(Pickle, AValueOfAnotherKindNamesItsOffset) {
  const std::string bytes("(K\x05X\x02\x00\x00\x00hil.", 12);
  const auto document = parse_pickle(bytes, "x.pkl");
  EXPECT_EQ(document->root().at(0).integer(), 5);
  EXPECT_EQ(document->root().at(1).text(), "hi");
  try {
    document->root().at(1).integer();
    ADD_FAILURE();
  } catch (const Error& e) {
    EXPECT_STREQ(e.what(), "[pickle] x.pkl: offset 3: an integer of at most 2^53 is required, given text");
  }
  EXPECT_THROW(document->root().at(2), Error);
  EXPECT_THROW(document->root().bytes(), Error);
}

}  // namespace
}  // namespace winnow
