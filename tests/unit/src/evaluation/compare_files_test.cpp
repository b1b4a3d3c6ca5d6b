#include "src/evaluation/compare_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "src/core/error.h"

namespace winnow {
namespace {

class CompareFiles : public testing::Test {
 protected:
  CompareFiles() { fs::create_directories(folder_); }
  ~CompareFiles() override { fs::remove_all(folder_); }
  fs::path file(const std::string& name, const std::string& text) {
    write_file_atomically(folder_ / name, text);
    return folder_ / name;
  }
  fs::path folder_ = fs::temp_directory_path() / ("winnow-compare-" + std::to_string(::getpid()));
};

TEST_F(CompareFiles, QueriesAreMatchedById) {
  const auto a = file(
      "a.csv", "id,path,label,relevant,first_rank,ap.finite,mrr\n1,x,a,1,0,0.5,1\n2,y,a,1,0,0.25,1\n9,z,a,1,0,1,1\n");
  const auto b = file("b.csv", "id,path,label,relevant,first_rank,mrr,ap.finite\n2,y,a,1,0,1,0.75\n1,x,a,1,0,0.5,1\n");
  const auto result = compare_results(a, b, 200);
  EXPECT_TRUE(result.paired);
  EXPECT_EQ(result.only_in_a, 1);
  EXPECT_EQ(result.only_in_b, 0);
  ASSERT_EQ(result.metrics.size(), 2u);
  EXPECT_EQ(result.metrics[0].metric, "ap.finite");
  EXPECT_NEAR(result.metrics[0].a, 0.375, 1e-12);
  EXPECT_NEAR(result.metrics[0].difference.difference, 0.5, 1e-12);
  EXPECT_NEAR(result.metrics[0].difference.interval.low, 0.5, 1e-12);
  EXPECT_TRUE(result.metrics[0].difference.certain());
  EXPECT_NEAR(result.metrics[1].difference.difference, -0.25, 1e-12);
}

TEST_F(CompareFiles, DocumentsGiveDifferencesWithoutIntervals) {
  const auto result = compare_results(file("a.json", R"({"metrics": {"mrr": 0.5, "x": 1}})"),
                                      file("b.json", R"({"metrics": {"mrr": 0.75}})"));
  EXPECT_FALSE(result.paired);
  ASSERT_EQ(result.metrics.size(), 1u);
  EXPECT_NEAR(result.metrics[0].difference.difference, 0.25, 1e-12);
}

TEST_F(CompareFiles, Errors) {
  const auto csv = file("a.csv", "id,mrr\n1,0.5\n"), json = file("a.json", R"({"metrics": {"mrr": 0.5}})");
  EXPECT_THROW(compare_results(csv, json), Error);
  EXPECT_THROW(compare_results(csv, file("b.csv", "id,mrr\n2,0.5\n")), Error);
  EXPECT_THROW(compare_results(csv, file("b.csv", "id,mrr\n1,half\n")), Error);
  EXPECT_THROW(compare_results(csv, file("b.csv", "id,mrr\n1,0.5\n1,0.5\n")), Error);
  EXPECT_THROW(compare_results(json, file("b.json", R"({"metrics": {"mrr": "x"}})")), Error);
  EXPECT_THROW(compare_results(json, file("b.json", "[]")), Error);
}

}  // namespace
}  // namespace winnow
