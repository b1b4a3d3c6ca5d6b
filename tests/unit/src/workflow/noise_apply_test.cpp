#include "src/workflow/noise_apply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/core/csv.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace winnow {
namespace {

using test::error_of;
using testing::HasSubstr;

class NoiseApply : public testing::Test {
 protected:
  fs::path write(const std::string& name, const std::string& text) {
    write_file_atomically(folder_.path() / name, text);
    return folder_.path() / name;
  }
  ApplyRequest request(const fs::path& data, const fs::path& decisions, const std::string& out) {
    ApplyRequest r;
    r.source.data = data.string();
    r.decisions = decisions.string();
    r.out = (folder_.path() / out).string();
    return r;
  }
  // Odd spacing and quoting, so that only the kept bytes can be byte-identical.
  fs::path data() {
    return write("data.csv",
                 "path,label,split,shop\n\"a.jpg\",pear,train,\"x, y\"\nb.jpg,pear,train,z\r\nc.jpg,plum,test,z\n");
  }

  test::TempDir folder_;
};

TEST_F(NoiseApply, WritesANewManifestAndRevertsByteForByte) {
  const auto source = data();
  const std::string bytes = read_file(source);
  const auto first = apply_decisions(
      request(source, write("d1.csv", "row,decision,new_label\n0,relabel,apple\n1,keep,\n"), "one.csv"));
  EXPECT_EQ(first.relabelled, 1);
  EXPECT_EQ(read_file(source), bytes) << "the old manifest is never edited";
  const Csv one = read_csv(folder_.path() / "one.csv");
  EXPECT_EQ(one.rows[0][static_cast<size_t>(one.require_column("label"))], "apple");
  EXPECT_EQ(one.rows[0][static_cast<size_t>(one.require_column("given_label"))], "pear");
  const auto second =
      apply_decisions(request(folder_.path() / "one.csv", write("d2.csv", "row,decision\n1,drop\n"), "two.csv"));
  EXPECT_EQ(second.dropped, 1);
  EXPECT_EQ(second.rows, 2);
  revert_manifest(folder_.path() / "two.csv", 1, folder_.path() / "back1.csv");
  EXPECT_EQ(read_file(folder_.path() / "back1.csv"), read_file(folder_.path() / "one.csv"));
  revert_manifest(folder_.path() / "two.csv", 2, folder_.path() / "back2.csv");
  EXPECT_EQ(read_file(folder_.path() / "back2.csv"), bytes);
}

TEST_F(NoiseApply, TestRowsAreTouchedOnlyWhenNamed) {
  const auto source = data(), decisions = write("d.csv", "row,decision,new_label\n2,relabel,pear\n");
  auto r = request(source, decisions, "out.csv");
  auto result = apply_decisions(r);
  EXPECT_EQ(result.protected_rows, 1);
  EXPECT_EQ(result.relabelled, 0);
  r.touch_splits = {"test"};
  result = apply_decisions(r);
  EXPECT_EQ(result.protected_rows, 0);
  EXPECT_EQ(result.relabelled, 1);
}

TEST_F(NoiseApply, RefusesBeforeItWrites) {
  const auto source = data();
  const auto message = [&](const std::string& text) {
    return error_of(ErrorCode::kData, [&] { apply_decisions(request(source, write("d.csv", text), "out.csv")); });
  };
  EXPECT_THAT(message("row,decision\n9,keep\n"), HasSubstr("there is no row 9"));
  EXPECT_THAT(message("row,path,decision\n0,b.jpg,keep\n"), HasSubstr("row 0 is 'a.jpg'"));
  EXPECT_FALSE(fs::exists(folder_.path() / "out.csv.history"));
  error_of(ErrorCode::kUsage,
           [&] { apply_decisions(request(source, write("d.csv", "row,decision\n0,keep\n"), "data.csv")); });
}

TEST_F(NoiseApply, RevertRefusesWhatWasChanged) {
  const auto source = data();
  error_of(ErrorCode::kNotFound, [&] { revert_manifest(source, 1, folder_.path() / "x.csv"); });
  apply_decisions(request(source, write("d.csv", "row,decision\n0,drop\n"), "out.csv"));
  error_of(ErrorCode::kUsage, [&] { revert_manifest(folder_.path() / "out.csv", 2, folder_.path() / "x.csv"); });
  write("out.csv", "path,label\nb.jpg,pear\n");
  EXPECT_THAT(
      error_of(ErrorCode::kMismatch, [&] { revert_manifest(folder_.path() / "out.csv", 1, folder_.path() / "x.csv"); }),
      HasSubstr("was changed"));
}

}  // namespace
}  // namespace winnow
