// Embeddings of networks whose state is a formula, computed in double precision by `peer.py golden`: they hold the
// architecture in place on machines without Python.
#include "tests/unit/src/models/model_support.h"

namespace winnow {
namespace {

struct GoldenNumbers {
  const char *backbone, *head, *pool, *stem;
  double first, middle, second, last, norm;  ///< elements (0, 0), (0, 77), (1, 0), (1, 127) and the norm of all
};

class GoldenNumbersTest : public ::testing::TestWithParam<GoldenNumbers> {};

TEST_P(GoldenNumbersTest, EmbeddingsAreThoseOfTheReference) {
  const auto& golden = GetParam();
  auto model = make_model(test::model_options(golden.backbone, golden.head, golden.pool, golden.stem),
                          test::preprocessing_of(40), 1);
  test::fill_by_formula(*model);
  model->train(false);
  const auto fused = model->fused();
  for (EmbeddingModel* tested : {model.get(), fused.get()}) {
    const auto rows = tested->forward(test::sample_pictures(2, 40)).to(at::kDouble);
    ASSERT_EQ(rows.sizes(), (at::IntArrayRef{2, 128}));
    EXPECT_NEAR(rows[0][0].item<double>(), golden.first, 1e-5);
    EXPECT_NEAR(rows[0][77].item<double>(), golden.middle, 1e-5);
    EXPECT_NEAR(rows[1][0].item<double>(), golden.second, 1e-5);
    EXPECT_NEAR(rows[1][127].item<double>(), golden.last, 1e-5);
    EXPECT_NEAR(rows.norm().item<double>(), golden.norm, 1e-4);
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, GoldenNumbersTest,
                         ::testing::Values(GoldenNumbers{"resnet18", "linear", "avg", "standard", 0.404937, 0.00998322,
                                                         0.551572, 0.361378, 6.582443},
                                           GoldenNumbers{"small_cnn", "linear", "avg", "standard", -0.141906,
                                                         -0.0249239, -0.149557, -0.0175492, 1.91146},
                                           GoldenNumbers{"resnet18", "linear_bn", "gem", "small", 0.4992, -0.0199688,
                                                         0.434116, 0.539028, 5.611211}),
                         [](const auto& made) { return std::string(made.param.backbone) + "_" + made.param.stem; });

}  // namespace
}  // namespace winnow
