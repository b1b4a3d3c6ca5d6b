// The loss that CONTRIBUTING shows is this file's example_loss.h, and it works as written.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "losses/register_formula.h"
#include "src/core/files.h"
#include "tests/unit/losses/example_loss.h"
#include "tests/unit/losses/loss_support.h"

namespace winnow::test {
namespace {

const fs::path kHere = WINNOW_SOURCE_DIR;

TEST(ExampleLoss, IsTheOneThatContributingShows) {
  const auto code = read_file(kHere / "tests/unit/losses/example_loss.h");
  EXPECT_NE(read_file(kHere / "CONTRIBUTING.md").find("```cpp\n" + code + "```"), std::string::npos);
  EXPECT_LE(std::count(code.begin(), code.end(), '\n'), 30);
}

TEST(ExampleLoss, IsRegisteredInOneLineAndCounts) {
  LossFamily family("loss");
  add_formula<BrierOptions>(family, "squared error of the probabilities", "Brier, 1950", "sum_k (e_k - p_k)^2",
                            "mild flips");
  const auto context = small_context();
  const auto loss = family.maker("brier")(*family.make_options("brier"), context);
  const auto batch = random_batch(6, context, 1);
  const auto values = first_values(*loss, batch, given_targets(batch));
  const auto p = loss->logits(batch).softmax(1).detach();
  for (int64_t i = 0; i < 6; ++i) {
    double expected = 0;
    for (int64_t k = 0; k < context.classes; ++k)
      expected += std::pow((batch.labels[i].item<int64_t>() == k) - p[i][k].item<double>(), 2);
    EXPECT_NEAR(values[i].item<double>(), expected, 1e-12);
  }
  const auto value = [&] { return reduced(*loss, batch, given_targets(batch)).item<double>(); };
  EXPECT_LT(largest_difference(gradient(reduced(*loss, batch, given_targets(batch)), batch.z),
                               central_differences(value, batch.z)),
            1e-6);
}

}  // namespace
}  // namespace winnow::test
