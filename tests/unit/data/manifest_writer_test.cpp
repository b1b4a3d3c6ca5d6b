#include "tests/unit/data/support.h"
#include "tests/unit/data/tar_builder.h"

namespace winnow {
namespace {

using test::as_text;
using test::TarBuilder;
using test::TempDir;
using test::write_text;
using testing::ElementsAre;
using testing::Pair;

Dataset read(const fs::path& data, std::vector<std::string> archives = {}, std::vector<std::string> where = {}) {
  DataSource source;
  source.data = data.string();
  source.archives = std::move(archives);
  source.where = std::move(where);
  return read_dataset(source);
}

TEST(WriteManifest, ReadsBackAsTheSameItems) {
  const TempDir dir;
  write_text(dir / "m.csv",
             "path,label,split,weight,x1,y1,x2,y2,note,group\n"
             "a.png,x,train,0.1,0.5,0,3,4,\"he said \"\"no\"\"\",g\n"
             "skip.png,y,test,1,,,,,,\n"
             "\"caf\xe9, 2.png\",,train,1,,,,,,\n");
  const Dataset first = read(dir / "m.csv", {}, {"split=train"});
  const std::string digest = write_manifest(dir / "out.csv", first);
  EXPECT_EQ(digest, sha256_file(dir / "out.csv"));
  const Dataset second = read(dir / "out.csv");
  EXPECT_EQ(second.digest, first.digest);
  ASSERT_EQ(second.items.size(), 2u);
  EXPECT_EQ(second.items[0].row, 0);
  EXPECT_EQ(second.items[1].row, 2);
  EXPECT_EQ(second.items[1].path, "caf\xe9, 2.png");
  EXPECT_EQ(second.items[1].label, -1);
  EXPECT_EQ(second.items[0].weight, 0.1);
  ASSERT_TRUE(second.items[0].box);
  EXPECT_EQ(second.items[0].box->x0, 0.5);
  EXPECT_EQ(second.items[0].group, "g");
  EXPECT_THAT(second.items[0].columns, ElementsAre(Pair("note", "he said \"no\"")));
  // Written again it is the same file: pictures beside the manifest need no image_root.
  EXPECT_EQ(write_manifest(dir / "again.csv", second), digest);
}

TEST(WriteManifest, RemembersFoldersAndTars) {
  const TempDir dir;
  write_text(dir / "photos/a b/1.png", "one");
  fs::create_directories(dir / "out");
  write_manifest(dir / "out/folder.csv", read(dir / "photos"));
  EXPECT_EQ(as_text(read(dir / "out/folder.csv").store->read("a b/1.png")), "one");

  write_text(dir / "1.tar", TarBuilder().add("x.png", "first").end().bytes());
  write_text(dir / "2.tar", TarBuilder().add("y.png", "second").end().bytes());
  write_text(dir / "m.csv", "path,label\nx.png,l\ny.png,l\n");
  write_manifest(dir / "out/tars.csv", read(dir / "m.csv", {(dir / "1.tar").string(), (dir / "2.tar").string()}));
  const Dataset back = read(dir / "out/tars.csv");
  EXPECT_EQ(as_text(back.store->read("x.png")), "first");
  EXPECT_EQ(as_text(back.store->read("y.png")), "second");
  // A place that is given wins over the remembered one.
  write_text(dir / "other.tar", TarBuilder().add("x.png", "other").end().bytes());
  EXPECT_EQ(as_text(read(dir / "out/tars.csv", {(dir / "other.tar").string()}).store->read("x.png")), "other");
}

TEST(WriteManifest, RenamesFurtherColumnsThatCarryOurNames) {
  const TempDir dir;
  write_text(dir / "m.csv", "path,label,fine\na.png,coarse,f\n");
  DataSource source;
  source.data = (dir / "m.csv").string();
  source.label = "fine";
  write_manifest(dir / "out.csv", read_dataset(source));
  EXPECT_EQ(read_file(dir / "out.csv"), "row,path,label,original_label\n0,a.png,f,coarse\n");
}

}  // namespace
}  // namespace winnow
