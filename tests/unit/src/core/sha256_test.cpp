#include <gtest/gtest.h>

#include <cstdio>

#include "src/core/files.h"
#include "src/core/random.h"
#include "tests/support/temp_dir.h"

namespace winnow {
namespace {

// FIPS 180-4 / NIST CAVP known answers.
TEST(Sha256, KnownVectors) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_hex(std::string(1000000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PiecesGiveTheWhole) {
  Random random(1, "sha");
  std::string text;
  for (int i = 0; i < 5000; ++i) text += static_cast<char>(random.below(256));
  for (int repeat = 0; repeat < 50; ++repeat) {
    Sha256 digest;
    for (size_t at = 0; at < text.size();) {
      const size_t take = std::min<size_t>(text.size() - at, random.below(200));
      digest.update(std::string_view(text).substr(at, take));
      at += take;
    }
    ASSERT_EQ(digest.hex(), sha256_hex(text));
  }
}

// The chosen block function (SHA instructions where present) against the portable one, at every padding length.
TEST(Sha256, PortableBlocksAgree) {
  for (size_t length = 0; length <= 130; ++length) {
    const std::string text(length, static_cast<char>('a' + length % 26));
    std::string padded = text + '\x80';
    while (padded.size() % 64 != 56) padded += '\0';
    for (int shift = 56; shift >= 0; shift -= 8) padded += static_cast<char>((length * 8) >> shift);
    uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    detail::sha256_blocks_portable(state, reinterpret_cast<const unsigned char*>(padded.data()), padded.size() / 64);
    char hex[65];
    for (int i = 0; i < 8; ++i) std::snprintf(hex + 8 * i, 9, "%08x", state[i]);
    ASSERT_EQ(sha256_hex(text), hex) << length;
  }
}

TEST(Sha256, OfAFile) {
  const test::TempDir dir;
  const std::string text(3 << 20, 'x');
  write_file_atomically(dir / "big", text);
  EXPECT_EQ(sha256_file(dir / "big"), sha256_hex(text));
}

}  // namespace
}  // namespace winnow
