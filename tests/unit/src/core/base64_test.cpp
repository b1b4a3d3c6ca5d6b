#include "src/core/base64.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace winnow {
namespace {

TEST(Base64, DecodesTheVectorsOfRfc4648) {
  const std::pair<const char*, const char*> cases[] = {{"", ""},
                                                       {"Zg==", "f"},
                                                       {"Zm8=", "fo"},
                                                       {"Zm9v", "foo"},
                                                       {"Zm9vYg==", "foob"},
                                                       {"Zm9vYmE=", "fooba"},
                                                       {"Zm9vYmFy", "foobar"},
                                                       {"//79", "\xff\xfe\xfd"}};
  for (const auto& [text, bytes] : cases) {
    EXPECT_EQ(decode_base64(text, "x"), bytes) << text;
    EXPECT_EQ(decode_base64(text, "x", Base64::kLoose), bytes) << text;
  }
}

TEST(Base64, EncodesTheVectorsOfRfc4648) {
  const std::pair<std::string, const char*> known[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [text, code] : known) EXPECT_EQ(encode_base64(std::as_bytes(std::span(text))), code);
}

TEST(Base64, StrictRefusesWhatLooseTakes) {
  const std::pair<const char*, const char*> loose[] = {{"Zm9vYg", "foob"}, {"Zm8", "fo"}, {"-_8=", "\xfb\xff"}};
  for (const auto& [text, bytes] : loose) {
    EXPECT_EQ(decode_base64(text, "x", Base64::kLoose), bytes) << text;
    test::error_of(ErrorCode::kData, [&] { decode_base64(text, "x"); });
  }
}

TEST(Base64, RefusesWhatIsNone) {
  for (const char* wrong : {"Z", "Zg=", "Z===", "====", "Zm9 ", "Zm\n9", "=Zm9", "aa=a", "a*bc", "Zm9vZ"})
    for (const auto form : {Base64::kStrict, Base64::kLoose})
      test::error_of(ErrorCode::kData, [&] { decode_base64(wrong, "x", form); });
}

}  // namespace
}  // namespace winnow
