#include "data/tar_table.h"
#include "src/core/random.h"
#include "tests/unit/data/support.h"
#include "tests/unit/data/tar_builder.h"

namespace winnow {
namespace {

using test::TarBuilder;

std::string sample() {
  TarBuilder tar;
  tar.add("a.png", "first").add("dir/", "", '5').add_gnu_long(std::string(140, 'n') + ".png", std::string(700, 'c'));
  tar.add_pax(TarBuilder::pax_record("path", "p.png") + TarBuilder::pax_record("size", "3"), "q", "abc");
  tar.add("l", "", '2').add("z.png", "last").end();
  return tar.bytes();
}

void poke(std::string& bytes, size_t at, char value) {
  if (at < bytes.size()) bytes[at] = value;
}

/// Damages a few bytes, cuts, repeats or swaps blocks; half of the time the header checksums are made right again, so
/// that the damage gets past them.
std::string mutate(std::string bytes, Random& random) {
  const uint64_t count = 1 + random.below(4);
  for (uint64_t i = 0; i < count && !bytes.empty(); ++i) {
    const size_t at = random.below(bytes.size());
    const size_t block = at / TarBuilder::kBlock * TarBuilder::kBlock;
    switch (random.below(5)) {
      case 0: poke(bytes, at, static_cast<char>(random.below(256))); break;
      case 1: poke(bytes, block + 124 + random.below(12), static_cast<char>(random.below(256))); break;
      case 2: bytes.resize(at); break;
      case 3: bytes.insert(block, bytes.substr(block, TarBuilder::kBlock)); break;
      default: poke(bytes, block + 156, "01257LKxgSMV"[random.below(12)]);
    }
  }
  if (!random.chance(0.5)) return bytes;
  for (size_t at = 0; at + TarBuilder::kBlock <= bytes.size(); at += TarBuilder::kBlock) {
    if (bytes.compare(at + 257, 5, "ustar") != 0) continue;
    std::string block = bytes.substr(at, TarBuilder::kBlock);
    TarBuilder::seal(block);
    bytes.replace(at, TarBuilder::kBlock, block);
  }
  return bytes;
}

TEST(TarMutation, EveryDamagedArchiveIsReadInBoundsOrRefused) {
  const std::string whole = sample();
  int read = 0, refused = 0;
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    Random random(seed, "tar_mutation");
    const std::string bytes = mutate(whole, random);
    // An exact copy on the heap, so that a sanitizer sees the first byte beyond.
    const std::vector<char> exact(bytes.begin(), bytes.end());
    try {
      const TarTable table = read_tar_table(std::as_bytes(std::span(exact)), "mutated.tar");
      for (const auto& member : table.members) {
        ASSERT_LE(member.offset, exact.size()) << "seed " << seed;
        ASSERT_LE(member.size, exact.size() - member.offset) << "seed " << seed;
        ASSERT_FALSE(member.path.empty()) << "seed " << seed;
      }
      ++read;
    } catch (const Error& error) {
      ASSERT_EQ(error.code(), ErrorCode::kData) << "seed " << seed << ": " << error.what();
      ASSERT_THAT(error.what(), testing::HasSubstr("mutated.tar: byte ")) << "seed " << seed;
      ++refused;
    }
  }
  // Both ends of the parser must have been reached.
  EXPECT_GT(read, 200);
  EXPECT_GT(refused, 200);
}

}  // namespace
}  // namespace winnow
