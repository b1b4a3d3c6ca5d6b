#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "src/evaluation/retrieval.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/src/evaluation/evaluation_fixture.h"

namespace winnow {
namespace {

/// Written against numpy alone, from the definitions; argsort of the whole matrix in double.
constexpr const char* kScript = R"(
import sys, numpy as np
folder, rows, dim = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
x = np.fromfile(folder + '/x.bin', np.float32).reshape(rows, dim).astype(np.float64)
y = np.fromfile(folder + '/y.bin', np.int64)
s = x @ x.T
np.fill_diagonal(s, -np.inf)
order = np.argsort(-s, axis=1, kind='stable')[:, :-1]
rel = y[order] == y[:, None]
R = rel.sum(1)
keep = R > 0
rel, R = rel[keep], R[keep]
ranks = np.arange(1, rel.shape[1] + 1)
prec = np.cumsum(rel, 1) / ranks
inside = ranks[None] <= R[:, None]
print(rel[:, 0].mean(), rel[:, :5].any(1).mean(), rel[:, :5].mean(),
      ((prec * rel * inside).sum(1) / R).mean(), ((rel & inside).sum(1) / R).mean(),
      ((prec * rel).sum(1) / R).mean(), (1 / (rel.argmax(1) + 1)).mean())
)";

TEST(RetrievalPeer, EqualsNumpy) {
  if (!std::filesystem::exists(WINNOW_PYTHON))
    GTEST_SKIP() << "needs the Python of scripts/bootstrap.sh (WINNOW_PYTHON)";
  const auto set = test::clustered_rows(31, 700, 24, 40, 2.5f);
  const test::TempDir folder;
  const auto dump = [&](const char* name, const void* data, size_t bytes) {
    std::ofstream(folder / name, std::ios::binary)
        .write(static_cast<const char*>(data), static_cast<std::streamsize>(bytes));
  };
  dump("x.bin", set.vectors.data(), set.vectors.size() * 4);
  dump("y.bin", set.labels.data(), set.labels.size() * 8);
  std::ofstream(folder / "peer.py") << kScript;
  const auto at = [&](const char* name) { return (folder / name).string(); };
  const std::string command =
      std::string(WINNOW_PYTHON) + " " + at("peer.py") + " " + folder.path().string() + " 700 24 > " + at("out.txt");
  ASSERT_EQ(std::system(command.c_str()), 0);
  const auto result = evaluate_retrieval(set.view(), set.view(), {.ks = {1, 5}, .same_set = true, .bootstrap = 0});
  std::ifstream out(at("out.txt"));
  for (const char* name : {"recall@1", "recall@5", "precision@5", "map@r", "r_precision", "ap.finite", "mrr"}) {
    double want = -1;
    ASSERT_TRUE(out >> want) << name;
    EXPECT_NEAR(result.metrics.at(name), want, 2e-5) << name;  // float32 against double: a near-tie may swap
  }
}

}  // namespace
}  // namespace winnow
