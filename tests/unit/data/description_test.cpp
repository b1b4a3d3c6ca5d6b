#include <cstdlib>

#include "tests/unit/data/support.h"

namespace winnow {
namespace {

using test::as_text;
using test::error_of;
using test::TempDir;
using test::write_text;
using testing::ElementsAre;
using testing::HasSubstr;

/// Sets a variable for the object's life.
class Environment {
 public:
  Environment(const char* name, const std::string& value) : name_(name) { ::setenv(name, value.c_str(), 1); }
  ~Environment() { ::unsetenv(name_); }

 private:
  const char* name_;
};

class Description : public testing::Test {
 protected:
  void SetUp() override {
    write_text(dir_ / "set/m.csv",
               "file,fine,coarse,split\na.png,kiwi,fruit,train\nb.png,leek,veg,train\nc.png,kiwi,fruit,test\n");
    write_text(dir_ / "set/pictures/a.png", "A");
  }
  Dataset read(const std::string& yaml) {
    write_text(dir_ / "conf/d.yaml", yaml);
    source_.data = (dir_ / "conf/d.yaml").string();
    return read_dataset(source_);
  }
  std::string error(const std::string& yaml, ErrorCode code = ErrorCode::kData) {
    return error_of([&] { read(yaml); }, code);
  }
  const TempDir dir_;
  DataSource source_;
};

TEST_F(Description, ResolvesItsPathsAgainstItsOwnFolder) {
  const Dataset d =
      read("name: my set\ndata: ../set/m.csv\nroot: ../set/pictures\npath: file\nlabel: fine\nwhere: [split=train]\n");
  EXPECT_EQ(d.name, "my set");
  EXPECT_THAT(d.label_names, ElementsAre("kiwi", "leek"));
  EXPECT_EQ(d.items.size(), 2u);
  EXPECT_EQ(as_text(d.store->read("a.png")), "A");
}

TEST_F(Description, GivenValuesWinAndWhereAdds) {
  source_.label = "coarse";
  source_.where = {"fine=leek"};
  const Dataset d = read("data: ../set/m.csv\npath: file\nlabel: fine\nwhere: split=train\n");
  EXPECT_EQ(d.name, "d");
  EXPECT_THAT(d.label_names, ElementsAre("veg"));
  EXPECT_EQ(d.items.at(0).row, 1);
}

TEST_F(Description, ExpandsTheEnvironment) {
  const std::string yaml = "data: ${WINNOW_TEST_SET:-../nowhere}/m.csv\npath: file\n";
  EXPECT_THAT(error(yaml, ErrorCode::kNotFound), HasSubstr("nowhere/m.csv"));
  const Environment set("WINNOW_TEST_SET", (dir_ / "set").string());
  EXPECT_EQ(read(yaml).items.size(), 3u);
  EXPECT_EQ(read("data: ${WINNOW_TEST_SET}/m.csv\npath: file\n").items.size(), 3u);
}

TEST_F(Description, NamesItsFaults) {
  EXPECT_THAT(error("dat: x\n"), HasSubstr("did you mean 'data'?"));
  EXPECT_THAT(error("label: x\n"), HasSubstr("'data' (a folder or CSV) is required"));
  EXPECT_THAT(error("- a\n"), HasSubstr("a map"));
  EXPECT_THAT(error("data: {a: b}\n"), HasSubstr("'data' must be text"));
  EXPECT_THAT(error("data: other.yaml\n"), HasSubstr("not another description"));
  EXPECT_THAT(error("data: ${WINNOW_TEST_NOT_SET}/m.csv\n", ErrorCode::kConfig), HasSubstr("WINNOW_TEST_NOT_SET"));
  error("data: a\ndata: b\n");
}

TEST(ExpandEnvironment, FollowsTheShell) {
  const Environment full("WINNOW_TEST_A", "x"), empty("WINNOW_TEST_B", "");
  EXPECT_EQ(expand_environment("p/${WINNOW_TEST_A}/${WINNOW_TEST_A}q"), "p/x/xq");
  EXPECT_EQ(expand_environment("${WINNOW_TEST_B}|${WINNOW_TEST_B:-d}|${WINNOW_TEST_NONE:-}|"), "|d||");
  EXPECT_EQ(expand_environment("$HOME {x} $"), "$HOME {x} $");
  EXPECT_THAT(error_of([] { expand_environment("a/${WINNOW_TEST_NONE}"); }, ErrorCode::kConfig),
              HasSubstr("${NAME:-value}"));
  error_of([] { expand_environment("${WINNOW_TEST_A"); }, ErrorCode::kConfig);
  error_of([] { expand_environment("${}"); }, ErrorCode::kConfig);
}

}  // namespace
}  // namespace winnow
