#include "tests/unit/data/support.h"
#include "tests/unit/data/tar_builder.h"

namespace winnow {
namespace {

using test::as_text;
using test::error_of;
using test::TempDir;
using test::write_text;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class CsvDataset : public testing::Test {
 protected:
  Dataset read(const std::string& text) {
    write_text(dir_ / "m.csv", text);
    source_.data = (dir_ / "m.csv").string();
    return read_dataset(source_);
  }
  std::string error(const std::string& text, ErrorCode code = ErrorCode::kData) {
    return error_of([&] { read(text); }, code);
  }
  const TempDir dir_;
  DataSource source_;
};

TEST_F(CsvDataset, ReadsEveryColumn) {
  const Dataset d = read(
      "path,label,split,source,weight,group,x1,y1,x2,y2,price\n"
      "a.png,pear,train,web,0.5,shop1,1,2,10.5,20,3.50\n"
      "\"b,c.png\",apple,test,,,,,,,,\n");
  EXPECT_THAT(d.label_names, ElementsAre("apple", "pear"));
  const Item& a = d.items.at(0);
  EXPECT_EQ(a.label, 1);
  EXPECT_EQ(a.split + a.source + a.group, "trainwebshop1");
  EXPECT_EQ(a.weight, 0.5);
  ASSERT_TRUE(a.box);
  EXPECT_EQ(a.box->x1, 10.5);
  EXPECT_THAT(a.columns, ElementsAre(Pair("price", "3.50")));
  const Item& b = d.items.at(1);
  EXPECT_EQ(b.path, "b,c.png");
  EXPECT_EQ(b.row, 1);
  EXPECT_EQ(b.weight, 1.0);
  EXPECT_FALSE(b.box);
}

TEST_F(CsvDataset, MapsColumnsAndFiltersWithStableRows) {
  source_.label = "fine";
  source_.path_column = "file";
  source_.where = {"split=train", "fine != plum"};
  const Dataset d = read("file,split,fine,label\na.png,test,x,1\nb.png,train,plum,2\nc.png,train,kiwi,3\n");
  ASSERT_EQ(d.items.size(), 1u);
  EXPECT_EQ(d.items[0].row, 2);
  EXPECT_THAT(d.label_names, ElementsAre("kiwi"));
  EXPECT_THAT(d.items[0].columns, ElementsAre(Pair("label", "3")));
}

TEST_F(CsvDataset, EmptyLabelsAreUnlabelledAndNoted) {
  const Dataset d = read("path,label\na.png,x\nb.png,\n");
  EXPECT_THAT(d.labels(), ElementsAre(0, -1));
  EXPECT_THAT(d.notes.at(0), HasSubstr("1 of 2 rows have no label in column 'label'"));
  const Dataset none = read("path\na.png\n");
  EXPECT_THAT(none.labels(), ElementsAre(-1));
  EXPECT_TRUE(none.notes.empty());
}

TEST_F(CsvDataset, NamesTheColumnsWhenOneIsMissing) {
  source_.label = "fin";
  const std::string message = error("path,split,fine\na.png,train,x\n");
  EXPECT_THAT(message, HasSubstr("'fin'"));
  EXPECT_THAT(message, HasSubstr("fine"));
  EXPECT_THAT(message, HasSubstr("split"));
  source_.label = "";
  EXPECT_THAT(error("file,label\na.png,x\n"), HasSubstr("path"));
}

TEST_F(CsvDataset, ExplainsBadWhere) {
  const std::string text = "path,split\na.png,train\nb.png,test\n";
  source_.where = {"splt=train"};
  EXPECT_THAT(error(text), HasSubstr("split"));
  source_.where = {"split=trian"};
  EXPECT_THAT(error(text), HasSubstr("no row is left by where split=trian; values of split: test, train"));
  source_.where = {"split"};
  EXPECT_THAT(error(text, ErrorCode::kConfig), HasSubstr("COLUMN=VALUE"));
  source_.where = {"=x"};
  EXPECT_THAT(error(text, ErrorCode::kConfig), HasSubstr("COLUMN=VALUE"));
}

TEST_F(CsvDataset, WhereComparesWholeValues) {
  source_.where = {"name=a=b"};
  EXPECT_EQ(read("path,name\n1.png,a=b\n2.png,a\n").items.at(0).path, "1.png");
  source_.where = {"name="};
  EXPECT_EQ(read("path,name\n1.png,a\n2.png,\n").items.at(0).path, "2.png");
}

TEST_F(CsvDataset, ReportsEveryFaultyRowAtOnce) {
  const std::string message = error(
      "path,weight,x1,y1,x2,y2\n"
      ",1,,,,\n"
      "b.png,-1,,,,\n"
      "c.png,nan,,,,\n"
      "d.png,1,5,0,5,9\n"
      "e.png,1,1,2,,\n"
      "f.png,1,,,,\n"
      "f.png,1,,,,\n");
  EXPECT_THAT(message, HasSubstr("6 faulty rows"));
  EXPECT_THAT(message, HasSubstr("m.csv:2: the path is empty"));
  EXPECT_THAT(message, HasSubstr("m.csv:3: a weight must be"));
  EXPECT_THAT(message, HasSubstr("m.csv:4: a weight must be"));
  EXPECT_THAT(message, HasSubstr("m.csv:5: a box needs"));
  EXPECT_THAT(message, HasSubstr("m.csv:6: a box needs"));
  EXPECT_THAT(message, HasSubstr("m.csv:8: the path f.png is already in line 7"));
}

TEST_F(CsvDataset, OnePictureMayHaveSeveralBoxes) {
  EXPECT_EQ(read("path,x1,y1,x2,y2\na.png,0,0,5,5\na.png,5,5,9,9\n").items.size(), 2u);
  EXPECT_THAT(error("path,x1,y1,x2,y2\na.png,0,0,5,5\na.png,0,0,5,5\n"), HasSubstr("already in line 2"));
}

TEST_F(CsvDataset, DuplicatesOutsideTheFilterDoNotMatter) {
  source_.where = {"split=train"};
  EXPECT_EQ(read("path,split\na.png,train\na.png,test\n").items.size(), 1u);
}

TEST_F(CsvDataset, ComparesTwoColumns) {
  const std::string text = "path,label,noisy\na.png,x,x\nb.png,x,y\nc.png,y,@label\n";
  source_.where = {"noisy=@label"};
  ASSERT_EQ(read(text).items.size(), 1u);
  EXPECT_EQ(read(text).items[0].path, "a.png");
  source_.where = {"noisy!=@label"};
  EXPECT_EQ(read(text).items.size(), 2u);
  source_.where = {"noisy=@lable"};
  EXPECT_THAT(error(text), HasSubstr("lable"));
}

TEST_F(CsvDataset, TakesRowNumbersFromTheManifest) {
  const Dataset d = read("row,path\n7,a.png\n3,b.png\n");
  EXPECT_EQ(d.items[0].row, 7);
  EXPECT_EQ(d.items[1].row, 3);
  EXPECT_THAT(error("row,path\n7,a.png\n7,b.png\n"), HasSubstr("m.csv:3: the row number 7 is used twice"));
  EXPECT_THAT(error("row,path\nshelf,a.png\n"), HasSubstr("stable row numbers"));
}

TEST_F(CsvDataset, RefusesAFileWithoutRows) {
  EXPECT_THAT(error("path,label\n"), HasSubstr("at least one row"));
  error("");
}

TEST_F(CsvDataset, ReadsPicturesBesideTheCsvOrBelowRootOrInATar) {
  write_text(dir_ / "a.png", "beside");
  write_text(dir_ / "other/a.png", "root");
  write_text(dir_ / "t.tar", test::TarBuilder().add("a.png", "tar").end().bytes());
  EXPECT_EQ(as_text(read("path\na.png\n").store->read("a.png")), "beside");
  source_.root = (dir_ / "other").string();
  EXPECT_EQ(as_text(read("path\na.png\n").store->read("a.png")), "root");
  source_.archives = {(dir_ / "t.tar").string()};
  EXPECT_EQ(as_text(read("path\na.png\n").store->read("a.png")), "tar");
}

TEST_F(CsvDataset, DigestFollowsRowsPathsAndLabels) {
  const std::string base = read("path,label\na.png,x\nb.png,y\n").digest;
  EXPECT_EQ(base.size(), 64u);
  EXPECT_EQ(read("label,path,note\nx,a.png,1\ny,b.png,2\n").digest, base);
  EXPECT_NE(read("path,label\na.png,y\nb.png,x\n").digest, base);
  EXPECT_NE(read("path,label\nb.png,y\na.png,x\n").digest, base);
  // sha256 of "0,a.png,x\n1,b.png,y\n", by sha256sum
  EXPECT_EQ(base, "017efd45a033afc3449c1b9bf44a328e7388f0442f8ad73220cbbdd38b52bf2d");
}

TEST(AlignLabels, MapsOntoTheGivenTableAndAppends) {
  Dataset d = test::memory_dataset(3, 3);  // class0, class1, class2
  align_labels(d, {"class2", "class0"});
  EXPECT_THAT(d.label_names, ElementsAre("class2", "class0", "class1"));
  EXPECT_THAT(d.labels(), ElementsAre(1, 2, 0));
}

TEST(Subset, KeepsRowsAndTableUntilCompacted) {
  Dataset d = test::memory_dataset(4, 4);
  d.items[3].label = -1;
  Dataset half = subset(d, {0, 1, 0, 1});
  EXPECT_EQ(half.items[0].row, 101);
  EXPECT_THAT(half.labels(), ElementsAre(1, -1));
  EXPECT_EQ(half.classes(), 4);
  compact_labels(half);
  EXPECT_THAT(half.label_names, ElementsAre("class1"));
  EXPECT_THAT(half.labels(), ElementsAre(0, -1));
  error_of([&] { subset(d, {1}); }, ErrorCode::kShape);
}

}  // namespace
}  // namespace winnow
