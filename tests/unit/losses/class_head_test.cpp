#include "losses/class_head.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/losses/loss_support.h"

namespace winnow::test {
namespace {

LossContext large_context() {
  auto context = small_context(at::kFloat);
  context.classes = 400;
  context.dim = 64;
  return context;
}

TEST(ClassHead, CosineWeightsAreStandardNormal) {
  const ClassHead head("test", ClassHead::Kind::kCosine, 20, large_context());
  ASSERT_EQ(head.parameters().size(), 1u);
  const auto weight = head.parameters()[0].second;
  EXPECT_EQ(weight.sizes(), (at::IntArrayRef{400, 64}));
  EXPECT_TRUE(weight.is_leaf() && weight.requires_grad());
  EXPECT_NEAR(weight.mean().item<double>(), 0.0, 0.03);
  EXPECT_NEAR(weight.std().item<double>(), 1.0, 0.02);
  EXPECT_GT(weight.abs().max().item<double>(), 3.0);
}

TEST(ClassHead, LinearWeightsAreUniformAsInNnLinear) {
  const ClassHead head("test", ClassHead::Kind::kLinear, 1, large_context());
  ASSERT_EQ(head.parameters().size(), 2u);
  for (const auto& [name, parameter] : head.parameters()) {
    EXPECT_LE(parameter.abs().max().item<double>(), 0.125) << name;  // 1 / sqrt(64)
    EXPECT_GT(parameter.abs().max().item<double>(), 0.12) << name;
    EXPECT_NEAR(parameter.std().item<double>(), 0.125 / std::sqrt(3.0), 0.006) << name;
  }
}

TEST(ClassHead, WeightsFollowTheSeedAlone) {
  auto context = small_context();
  const ClassHead a("test", ClassHead::Kind::kCosine, 20, context);
  at::rand({7});  // Torch's global stream moves on
  const ClassHead b("test", ClassHead::Kind::kCosine, 20, context);
  context.seed = 4;
  const ClassHead c("test", ClassHead::Kind::kCosine, 20, context);
  EXPECT_TRUE(same_bits(a.parameters()[0].second, b.parameters()[0].second));
  EXPECT_FALSE(same_bits(a.parameters()[0].second, c.parameters()[0].second));
}

TEST(ClassHead, ScoresAreScaledCosinesOfZ) {
  const auto context = small_context();
  ClassHead head("test", ClassHead::Kind::kCosine, 20, context);
  const auto batch = random_batch(3, context, 1);
  const auto scores = head.logits(batch);
  const auto weight = head.parameters()[0].second;
  for (int64_t i = 0; i < 3; ++i)
    for (int64_t k = 0; k < 5; ++k) {
      const double cosine = (batch.z[i].dot(weight[k]) / weight[k].norm()).item<double>();
      EXPECT_NEAR(scores[i][k].item<double>(), 20 * cosine, 1e-12);
    }
  EXPECT_EQ(head.cosine_scale(), 20);
}

TEST(ClassHead, LinearScoresUseTheRawEmbedding) {
  const auto context = small_context();
  ClassHead head("test", ClassHead::Kind::kLinear, 1, context);
  auto batch = random_batch(3, context, 1);
  const auto parameters = head.parameters();
  const double expected = (batch.raw[2].dot(parameters[0].second[4]) + parameters[1].second[4]).item<double>();
  EXPECT_NEAR(head.logits(batch)[2][4].item<double>(), expected, 1e-12);
  EXPECT_EQ(head.cosine_scale(), 0);
  batch.raw = at::Tensor();
  EXPECT_EQ(code_of([&] { head.logits(batch); }), ErrorCode::kShape);
}

TEST(ClassHead, NeverServesStaleScores) {
  const auto context = small_context();
  ClassHead head("test", ClassHead::Kind::kCosine, 20, context);
  const auto batch = random_batch(3, context, 1), other = random_batch(3, context, 2);
  const auto first = head.logits(batch);
  EXPECT_TRUE(head.logits(batch).is_same(first)) << "the product is made once";
  EXPECT_FALSE(head.logits(other).is_same(first));
  const auto before = head.logits(batch);
  {
    const at::NoGradGuard no_grad;
    head.parameters()[0].second.mul_(-1.0);
  }
  EXPECT_LT(largest_difference(head.logits(batch), -before), 1e-12);
  const auto kept = head.logits(batch);
  {
    const at::NoGradGuard no_grad;
    EXPECT_FALSE(head.logits(batch).requires_grad());
  }
  EXPECT_TRUE(head.take(batch).is_same(kept));
  EXPECT_FALSE(head.take(batch).is_same(kept)) << "taken scores are not kept";
}

TEST(ClassHead, MixedPrecisionEmbeddingsAreScoredInFullPrecision) {
  const auto context = small_context(at::kFloat);
  ClassHead head("test", ClassHead::Kind::kCosine, 20, context);
  auto batch = random_batch(3, context, 1);
  batch.z = batch.z.detach().to(at::kBFloat16);
  EXPECT_EQ(head.logits(batch).scalar_type(), at::kFloat);
}

TEST(ClassHead, NeedsClassesAndDim) {
  EXPECT_EQ(code_of([] { ClassHead("test", ClassHead::Kind::kCosine, 20, LossContext{}); }), ErrorCode::kConfig);
}

}  // namespace
}  // namespace winnow::test
