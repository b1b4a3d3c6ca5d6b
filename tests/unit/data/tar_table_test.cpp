#include "data/tar_table.h"

#include "tests/unit/data/support.h"
#include "tests/unit/data/tar_builder.h"

namespace winnow {
namespace {

using test::error_of;
using test::TarBuilder;
using testing::HasSubstr;

TarTable read(const std::string& bytes) {
  return read_tar_table({reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()}, "a.tar");
}

std::string content(const std::string& bytes, const TarMember& member) {
  return bytes.substr(member.offset, member.size);
}

std::string data_error(const std::string& bytes) {
  return error_of([&] { read(bytes); }, ErrorCode::kData);
}

TEST(TarTable, FindsMembersOfUstar) {
  TarBuilder tar;
  tar.add("a.png", "first").add("dir/", "", '5').add("dir/b.png", std::string(512, 'b')).add("empty.png", "").end();
  const TarTable table = read(tar.bytes());
  ASSERT_EQ(table.members.size(), 3u);
  EXPECT_TRUE(table.has_end_mark);
  EXPECT_EQ(table.members[0].path, "a.png");
  EXPECT_EQ(content(tar.bytes(), table.members[0]), "first");
  EXPECT_EQ(table.members[1].path, "dir/b.png");
  EXPECT_EQ(content(tar.bytes(), table.members[1]), std::string(512, 'b'));
  EXPECT_EQ(table.members[2].size, 0u);
}

TEST(TarTable, JoinsThePrefixAndDropsALeadingDotSlash) {
  TarBuilder tar;
  tar.add("b.png", "x", '0', "a/long/folder").add("././/c.png", "y").end();
  const TarTable table = read(tar.bytes());
  ASSERT_EQ(table.members.size(), 2u);
  EXPECT_EQ(table.members[0].path, "a/long/folder/b.png");
  EXPECT_EQ(table.members[1].path, "c.png");
}

TEST(TarTable, ReadsGnuLongNamesForTheNextMemberOnly) {
  const std::string longer = std::string(150, 'n') + "/" + std::string(150, 'm') + ".png";
  TarBuilder tar;
  tar.add_gnu_long(longer, "long").add("short.png", "short").end();
  const TarTable table = read(tar.bytes());
  ASSERT_EQ(table.members.size(), 2u);
  EXPECT_EQ(table.members[0].path, longer);
  EXPECT_EQ(content(tar.bytes(), table.members[0]), "long");
  EXPECT_EQ(table.members[1].path, "short.png");
}

TEST(TarTable, ReadsPaxPathAndSize) {
  // The header's own size is a lie (0); the pax record has the true one, as for files above 8 GiB.
  TarBuilder tar;
  tar.add("PaxHeaders/x",
          TarBuilder::pax_record("path", "gr\xc3\xbc\xc3\x9f/1.png") + TarBuilder::pax_record("size", "5"), 'x');
  tar.raw(TarBuilder::header("short", 0)).raw(TarBuilder::padded("12345")).add("next.png", "n").end();
  const TarTable table = read(tar.bytes());
  ASSERT_EQ(table.members.size(), 2u);
  EXPECT_EQ(table.members[0].path, "gr\xc3\xbc\xc3\x9f/1.png");
  EXPECT_EQ(content(tar.bytes(), table.members[0]), "12345");
  EXPECT_EQ(table.members[1].path, "next.png");
}

TEST(TarTable, ReadsBase256Sizes) {
  std::string header = TarBuilder::header("big.png", 0);
  header.replace(124, 12, std::string("\x80\0\0\0\0\0\0\0\0\0\0\x03", 12));
  TarBuilder::seal(header);
  TarBuilder tar;
  tar.raw(header).raw(TarBuilder::padded("abc")).end();
  const TarTable table = read(tar.bytes());
  ASSERT_EQ(table.members.size(), 1u);
  EXPECT_EQ(content(tar.bytes(), table.members[0]), "abc");
}

TEST(TarTable, PassesOverLinksWhateverTheirSizeSays) {
  TarBuilder tar;
  tar.raw(TarBuilder::header("link.png", 999999, '2'))
      .raw(TarBuilder::header("hard.png", 999999, '1'))
      .add("a.png", "x")
      .end();
  const TarTable table = read(tar.bytes());
  ASSERT_EQ(table.members.size(), 1u);
  EXPECT_EQ(table.members[0].path, "a.png");
}

TEST(TarTable, KeepsNamesThatAreNotUtf8) {
  TarBuilder tar;
  tar.add("caf\xe9.png", "x").end();
  EXPECT_EQ(read(tar.bytes()).members.at(0).path, "caf\xe9.png");
}

TEST(TarTable, SaysWhenTheEndMarkIsMissing) {
  TarBuilder tar;
  tar.add("a.png", "x");
  EXPECT_FALSE(read(tar.bytes()).has_end_mark);
  // Contents complete, only the padding is gone.
  EXPECT_EQ(read(tar.bytes().substr(0, 513)).members.size(), 1u);
}

TEST(TarTable, NamesTheByteOfABadChecksum) {
  TarBuilder tar;
  tar.add("a.png", "x").add("b.png", "y").end();
  std::string bytes = tar.bytes();
  bytes[1024] = 'B';
  const std::string message = data_error(bytes);
  EXPECT_THAT(message, HasSubstr("a.tar: byte 1024"));
  EXPECT_THAT(message, HasSubstr("checksum"));
}

TEST(TarTable, RefusesACutHeaderAndAMemberBeyondTheEnd) {
  TarBuilder tar;
  tar.add("a.png", std::string(600, 'a')).add("b.png", "y").end();
  EXPECT_THAT(data_error(tar.bytes().substr(0, 1000)), HasSubstr("byte 0: a member of 600 bytes does not fit"));
  EXPECT_THAT(data_error(tar.bytes().substr(0, 1536 + 100)), HasSubstr("byte 1536: a header of 512 bytes is required"));
  EXPECT_THAT(data_error(""), HasSubstr("byte 0"));
}

TEST(TarTable, RefusesSizesThatOverflow) {
  std::string header = TarBuilder::header("a.png", 0);
  header.replace(124, 12, "\x80" + std::string(11, '\xff'));
  TarBuilder::seal(header);
  EXPECT_THAT(data_error(TarBuilder().raw(header).end().bytes()), HasSubstr("size field"));
  header.replace(124, 12, "\x80" + std::string(3, '\0') + '\x7f' + std::string(7, '\xff'));
  TarBuilder::seal(header);
  EXPECT_THAT(data_error(TarBuilder().raw(header).end().bytes()), HasSubstr("does not fit"));
  header.replace(124, 12, "12345x789012");
  TarBuilder::seal(header);
  EXPECT_THAT(data_error(TarBuilder().raw(header).end().bytes()), HasSubstr("size field"));
}

TEST(TarTable, RefusesBrokenPaxRecords) {
  for (const std::string record : {"99 path=x\n", "9 path=xy", "x path=a\n", "11 pathabcd\n", "0 =\n", "3 \n"})
    EXPECT_THAT(data_error(TarBuilder().add_pax(record, "a.png", "x").end().bytes()), HasSubstr("pax record"))
        << record;
  EXPECT_THAT(data_error(TarBuilder().add_pax(TarBuilder::pax_record("size", "-1"), "a", "x").end().bytes()),
              HasSubstr("pax size"));
  EXPECT_THAT(data_error(TarBuilder().add_pax(TarBuilder::pax_record("GNU.sparse.major", "1"), "a", "x").end().bytes()),
              HasSubstr("sparse"));
}

TEST(TarTable, RefusesHugeNamesWithoutReadingThem) {
  const std::string bytes =
      TarBuilder().add("././@LongLink", std::string((1 << 20) + 1, 'n'), 'L').add("n", "x").end().bytes();
  EXPECT_THAT(data_error(bytes), HasSubstr("above 1 MiB"));
}

TEST(TarTable, RefusesALongNameWithoutAMember) {
  EXPECT_THAT(data_error(TarBuilder().add("././@LongLink", "name", 'L').end().bytes()),
              HasSubstr("followed by its member"));
}

TEST(TarTable, NamesCompressedArchivesAndSparseMembers) {
  EXPECT_THAT(data_error(std::string("\x1f\x8b\x08\x00", 4) + std::string(600, 'z')), HasSubstr("gzip"));
  EXPECT_THAT(data_error(std::string("\x28\xb5\x2f\xfd", 4) + std::string(600, 'z')), HasSubstr("zstd"));
  EXPECT_THAT(data_error(TarBuilder().add("a.png", "x", 'S').end().bytes()), HasSubstr("sparse"));
  EXPECT_THAT(data_error(TarBuilder().add("a.png", "x", 'M').end().bytes()), HasSubstr("several volumes"));
}

}  // namespace
}  // namespace winnow
