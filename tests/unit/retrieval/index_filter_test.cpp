#include "retrieval/item_table.h"
#include "tests/unit/retrieval/support.h"

namespace winnow {
namespace {

using test::expect_error;
using test::of_type;

constexpr int64_t kRows = 6000, kDim = 16;

std::vector<EmbeddedItem> catalogue() {
  std::vector<EmbeddedItem> items;
  for (int64_t i = 0; i < kRows; ++i) {
    const std::string name = i % 3 == 0 ? "o'neil \"x\"" : i % 3 == 1 ? "plain" : "semi;colon";
    const std::string price = i % 10 == 0 ? "" : std::to_string(i % 100) + ".25";
    items.push_back(
        {i, "dir/" + std::to_string(i) + ".jpg", std::to_string(i % 50), {price, std::to_string(i), name, "007"}});
  }
  return items;
}

struct Filtered {
  const char* where;
  bool (*holds)(int64_t i);
};

const Filtered kFilters[] = {
    {"id < 0", [](int64_t) { return false; }},
    {"1", [](int64_t) { return true; }},
    {"stock >= 0", [](int64_t) { return true; }},
    {"id = 4321", [](int64_t i) { return i == 4321; }},
    {"label = 7", [](int64_t i) { return i % 50 == 7; }},
    {"label = '7'", [](int64_t i) { return i % 50 == 7; }},
    {"label > 9 AND label < 12", [](int64_t i) { return i % 50 == 10 || i % 50 == 11; }},
    {"price IS NULL", [](int64_t i) { return i % 10 == 0; }},
    {"price > 49.3", [](int64_t i) { return i % 10 != 0 && i % 100 >= 50; }},
    {"name = 'o''neil \"x\"'", [](int64_t i) { return i % 3 == 0; }},
    {"name LIKE 'semi;%'", [](int64_t i) { return i % 3 == 2; }},
    {"\"zip code\" = '007'", [](int64_t) { return true; }},
    {"\"zip code\" = 7", [](int64_t) { return false; }},
    {"path LIKE '%/5__.jpg'", [](int64_t i) { return i >= 500 && i < 600; }},
    {"stock % 6 <> 0", [](int64_t i) { return i % 6 != 0; }},
    {"id IN (SELECT max(id) FROM items)", [](int64_t i) { return i == kRows - 1; }},
    {"label IN (1, 2) -- two of them", [](int64_t i) { return i % 50 == 1 || i % 50 == 2; }},
    {"NOT (id BETWEEN 10 AND 5989)", [](int64_t i) { return i < 10 || i > 5989; }},
};

class Filters : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    rows_ = test::clustered(kRows, kDim, 50, 51, 1.0);
    build_index(test::write_embeddings(dir_ / "emb", rows_, kDim, catalogue(), {"price", "stock", "name", "zip code"}),
                dir_ / "idx", of_type(GetParam()));
    index_ = Index::open(dir_ / "idx");
    exact_ = std::string(GetParam()) == "flat";
  }
  test::TempDir dir_;
  std::vector<float> rows_;
  std::unique_ptr<Index> index_;
  bool exact_ = false;
};

/// Share of hits that score at least as the exact k-th best.
double recall(const std::vector<Hit>& hits, const float* query, const std::vector<float>& rows,
              const Filtered& filter) {
  std::vector<double> scores;
  for (int64_t i = 0; i < kRows; ++i) {
    if (filter.holds(i)) scores.push_back(test::naive_cosine(query, &rows[size_t(i * kDim)], kDim));
  }
  std::sort(scores.rbegin(), scores.rend());
  const double last = scores[hits.size() - 1] - 2e-6;
  const auto good = std::count_if(hits.begin(), hits.end(), [&](const Hit& hit) { return hit.score >= last; });
  return static_cast<double>(good) / static_cast<double>(hits.size());
}

TEST_P(Filters, AgreeWithBruteForce) {
  const auto queries = test::clustered(20, kDim, 50, 52, 1.0);
  double total = 0;
  int counted = 0;
  for (const auto& filter : kFilters) {
    int64_t matching = 0;
    for (int64_t i = 0; i < kRows; ++i) matching += filter.holds(i);
    const auto found = index_->search(queries, {.k = 12, .where = filter.where});
    EXPECT_FALSE(index_->last_plan().empty()) << filter.where;
    for (size_t q = 0; q < 20; ++q) {
      const auto& hits = found[q];
      ASSERT_EQ(int64_t(hits.size()), std::min<int64_t>(12, matching)) << filter.where << ": " << index_->last_plan();
      if (exact_) test::expect_exact(hits, &queries[q * kDim], rows_, kDim, 12, filter.holds);
      for (const auto& hit : hits) EXPECT_TRUE(filter.holds(hit.id)) << filter.where;
      const auto alone = index_->search(std::span(queries).subspan(q * kDim, kDim), {.k = 12, .where = filter.where});
      EXPECT_TRUE(test::same(alone.front(), hits)) << filter.where;
      if (hits.empty()) continue;
      total += recall(hits, &queries[q * kDim], rows_, filter);
      ++counted;
    }
  }
  EXPECT_GE(total / counted, exact_ ? 1.0 : 0.95);
}

TEST_P(Filters, PlanIsReported) {
  const std::vector<float> query(rows_.begin(), rows_.begin() + kDim);
  index_->search(query, {});
  EXPECT_EQ(index_->last_plan(), "");
  index_->search(query, {.where = "id < 312"});
  EXPECT_EQ(index_->last_plan(), "pre-filter: 312 of 6,000 rows, exact");
  index_->search(query, {.where = "id < 0"});
  EXPECT_EQ(index_->last_plan(), "no row matches");
  index_->search(query, {.where = "stock % 6 <> 0"});
  const std::string type = GetParam(), plan = index_->last_plan();
  if (exact_) {
    EXPECT_EQ(plan, "pre-filter: 5,000 of 6,000 rows, exact");
  } else if (type == "SQ8") {
    EXPECT_EQ(plan.substr(0, 11), "over-fetch ") << plan;
  } else {
    EXPECT_EQ(plan, "index filter: 5,000 of 6,000 rows");
  }
}

TEST_P(Filters, LargeKIsNeverShort) {
  const auto hits = index_->search(std::span(rows_).first(kDim), {.k = 4990, .where = "stock % 6 <> 0"}).front();
  EXPECT_EQ(hits.size(), 4990u);
}

INSTANTIATE_TEST_SUITE_P(Types, Filters, testing::Values("flat", "ivf", "ivfpq", "ivfsq8", "hnsw", "SQ8"),
                         [](const auto& one) { return std::string(one.param); });

class Where : public testing::Test {
 protected:
  void SetUp() override {
    build_index(
        test::write_embeddings(dir_ / "emb", {1, 0, 0, 1, 1, 1}, 2,
                               {{1, "a", "cat", {"1"}}, {2, "b", "dog", {"x"}}, {3, "c", "cat", {"3"}}}, {"Label"}),
        dir_ / "idx", of_type("flat"));
    index_ = Index::open(dir_ / "idx");
  }
  std::string refused(const std::string& where) {
    return expect_error(ErrorCode::kData,
                        [&] {
                          index_->search(query_, {.where = where});
                          ADD_FAILURE() << "accepted: " << where;
                        })
        .what();
  }
  test::TempDir dir_;
  std::unique_ptr<Index> index_;
  const std::vector<float> query_ = {1, 0};
};

TEST_F(Where, InjectionIsRefusedAndHarmless) {
  for (const char* where : {"1;DROP TABLE items",
                            "1); DROP TABLE items; --",
                            "1) UNION SELECT 1 --",
                            "1) OR (1",
                            "1) UNION SELECT winnow_position FROM items WHERE (1",
                            "id IN (SELECT rowid FROM sqlite_master)",
                            "EXISTS (SELECT 1 FROM pragma_table_info('items'))",
                            "load_extension('x')",
                            "randomblob(1000000000) IS NOT NULL",
                            "ATTACH DATABASE '/tmp/x' AS y",
                            "DELETE FROM items",
                            "id = ?",
                            "id = :name",
                            "1 /*",
                            "'open",
                            "\"open",
                            "[open",
                            "(1",
                            "1)",
                            "1 LIMIT 1",
                            "count(*) > 0",
                            "writefile('/tmp/winnow-injected', 'x')",
                            "readfile('/etc/passwd') > 0",
                            "id IN (WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n FROM r)",
                            "SELECT 1",
                            "select id from items where label = 'cat'",
                            "WITH a AS (SELECT 1) SELECT 1",
                            "VALUES (1)",
                            "id =",
                            "--"}) {
    refused(where);
  }
  refused(std::string("id = 1\0; DROP", 13));
  refused(std::string(50'000, '('));
  EXPECT_FALSE(fs::exists("/tmp/winnow-injected"));
  EXPECT_EQ(index_->search(query_, {.where = "label = 'cat'"}).front().size(), 2u);
  EXPECT_TRUE(verify_index(dir_ / "idx", 3, 1).ok);
}

TEST_F(Where, EndlessWorkIsStopped) {
  std::string where = "(SELECT count(*) FROM items t0";
  for (int i = 1; i < 30; ++i) where += ", items t" + std::to_string(i);
  EXPECT_NE(refused(where + ") > 0").find("too long"), std::string::npos);
}

TEST_F(Where, MessagesNameTheColumns) {
  const auto message = refused("lable = 'cat'");
  EXPECT_NE(message.find("no such column: lable"), std::string::npos) << message;
  EXPECT_NE(message.find("did you mean 'label'"), std::string::npos) << message;
  EXPECT_NE(message.find("id, path, label, Label_2"), std::string::npos) << message;
  EXPECT_NE(refused("\"lable\" = 'cat'").find("no such column"), std::string::npos);
}

TEST_F(Where, ColumnsKeepTheirTextAndClashingNamesGetASuffix) {
  EXPECT_EQ(index_->columns(), (std::vector<std::string>{"id", "path", "label", "Label_2"}));
  const auto item = index_->item(2);
  EXPECT_EQ(item.label, "dog");
  ASSERT_EQ(item.columns.size(), 1u);
  EXPECT_EQ(item.columns[0], (std::pair<std::string, std::string>{"Label_2", "x"}));
  EXPECT_EQ(index_->search(query_, {.where = "label_2 = 'x'"}).front()[0].id, 2);
  EXPECT_EQ(index_->search(query_, {.where = "  \n "}).front().size(), 3u);
}

TEST(ExpressionFault, UnderstandsQuotesAndComments) {
  for (const char* good : {"a = ')'", "a = ''')'", "\"(\" = 1", "[)] = 1", "`(`", "(a) AND (b)", "a -- )",
                           "a /* ( */ = 1", "a = 'x;y'", "selected = 1", "with_x > 0"}) {
    EXPECT_EQ(expression_fault(good), "") << good;
  }
  for (const char* bad : {")(", "(a", "a)", "a;b", "'a", "a = 'b''", "[a", "/* a", "a -- '\n)", " Select(1)"}) {
    EXPECT_NE(expression_fault(bad), "") << bad;
  }
}

}  // namespace
}  // namespace winnow
