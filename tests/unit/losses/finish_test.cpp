// Reducers and regularisers by hand.
#include "losses/finish.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "losses/cosface.h"
#include "losses/ntxent.h"
#include "tests/unit/losses/loss_support.h"

namespace winnow::test {
namespace {

/// Gives the items it was made with.
class FixedItems : public Loss {
 public:
  explicit FixedItems(std::vector<LossItems> items) : items_(std::move(items)) {}
  LossResult forward(const LossBatch&, const Targets&) override { return {items_, {}}; }

 private:
  std::vector<LossItems> items_;
};

at::Tensor doubles(std::vector<double> x) { return at::tensor(x, at::TensorOptions(at::kDouble)); }
at::Tensor places(std::vector<int64_t> x) { return at::tensor(x, at::TensorOptions(at::kLong)); }

double value(const LossItems& items, const FinishOptions& options, const at::Tensor& trust) {
  FinishedLoss loss(std::make_unique<FixedItems>(std::vector<LossItems>{items}), options, small_context());
  LossBatch batch;
  batch.z = at::zeros({trust.size(0), 4}, at::TensorOptions(at::kDouble));
  batch.labels = at::arange(trust.size(0), at::TensorOptions(at::kLong));
  const Targets targets{batch.labels, {}, trust};
  return reduce_items(loss.forward(batch, targets).items, trust).item<double>();
}

FinishOptions reducer(const char* name) {
  FinishOptions options;
  options.reducer = name;
  return options;
}

TEST(Finish, ReducersOfElements) {
  LossItems items;
  items.values = doubles({0, 2, 4, 6});
  const auto trust = doubles({1, 1, 0.5, 0.5});
  EXPECT_NEAR(value(items, reducer("mean"), trust), (2 + 2 + 3) / 3.0, 1e-12);
  EXPECT_NEAR(value(items, reducer("nonzero"), trust), (2 + 2 + 3) / 2.0, 1e-12);
  EXPECT_NEAR(value(items, reducer("sum"), trust), 7, 1e-12);
  EXPECT_NEAR(value(items, reducer("per_anchor"), trust), (0 + 2 + 4 + 6) / 4.0, 1e-12);
  auto between = reducer("threshold");
  between.low = 2, between.high = 6;
  EXPECT_NEAR(value(items, between, trust), 4, 1e-12) << "2 and 6 are not inside";
  between.low = 3, between.high = 0;
  EXPECT_NEAR(value(items, between, trust), 5, 1e-12) << "no upper end";
}

TEST(Finish, ReducersOfPairs) {
  LossItems items;
  items.kind = ItemKind::kPositivePair;
  items.values = doubles({1, 3, 0, 8});
  items.first = places({0, 0, 1, 2});
  items.second = places({1, 2, 0, 0});
  const auto trust = doubles({1, 1, 0.5});
  // pair weights: 1, 0.5, 1, 0.5
  EXPECT_NEAR(value(items, reducer("mean"), trust), (1 + 1.5 + 0 + 4) / 3, 1e-12);
  EXPECT_NEAR(value(items, reducer("nonzero"), trust), (1 + 1.5 + 4) / 2, 1e-12);
  EXPECT_NEAR(value(items, reducer("per_anchor"), trust), (2.5 / 1.5 + 0 + 8) / 3, 1e-12);
  items.kind = ItemKind::kNegativePair;
  EXPECT_NEAR(value(items, reducer("sum"), trust), 12, 1e-12) << "negatives weigh 1";
}

TEST(Finish, ClassWeights) {
  LossItems items;
  items.values = doubles({1, 1, 1, 1, 1});
  auto options = reducer("sum");
  options.class_weights = {1, 2, 3, 4, 5};
  EXPECT_NEAR(value(items, options, at::ones({5}, at::TensorOptions(at::kDouble))), 15, 1e-12);
  options.class_weights = {1, 2};
  EXPECT_EQ(code_of([&] { value(items, options, doubles({1})); }), ErrorCode::kConfig);
}

TEST(Finish, RegularisersByHand) {
  const auto context = small_context();
  const auto batch = random_batch(6, context, 3);
  const auto with = [&](const std::function<void(FinishOptions&)>& change) {
    return make_loss("cosface", context,
                     [&](Options& o) { change(dynamic_cast<WithFinish<CosFaceOptions>&>(o).finish); });
  };
  const auto added = [&](const std::function<void(FinishOptions&)>& change) {
    return (reduced(*with(change), batch, given_targets(batch)) -
            reduced(*make_loss("cosface", context), batch, given_targets(batch)))
        .item<double>();
  };
  const auto weight = make_loss("cosface", context)->parameters()[0].second.detach();
  double norm = 0, sums = 0, lengths = 0, squares = 0, near = 0;
  for (int64_t i = 0; i < 6; ++i) {
    norm += batch.raw[i].norm().item<double>() / 6;
    sums += std::abs(batch.raw[i].sum().item<double>()) / 6;
  }
  for (int64_t j = 0; j < 5; ++j) {
    lengths += weight[j].norm().item<double>() / 5;
    squares += weight[j].square().sum().item<double>() / 5;
    double most = -2;
    for (int64_t k = 0; k < 5; ++k)
      if (k != j)
        most = std::max(most, (weight[j].dot(weight[k]) / (weight[j].norm() * weight[k].norm())).item<double>());
    near += most / 5;
  }
  double unequal = 0;
  for (int64_t j = 0; j < 5; ++j) unequal += std::pow(weight[j].square().sum().item<double>() - squares, 2) / 20;
  EXPECT_NEAR(added([](auto& f) { f.embedding_norm = 0.5; }), 0.5 * norm, 1e-9);
  EXPECT_NEAR(added([](auto& f) { f.zero_mean = 0.5; }), 0.5 * sums, 1e-9);
  EXPECT_NEAR(added([](auto& f) { f.weight_norm = 0.5; }), 0.5 * lengths, 1e-9);
  EXPECT_NEAR(added([](auto& f) { f.equal_norm = 0.5; }), 0.5 * unequal, 1e-9);
  EXPECT_NEAR(added([](auto& f) { f.spread = 0.5; }), 0.5 * near, 1e-9);
  const auto loss =
      with([](auto& f) { f.embedding_norm = f.zero_mean = f.weight_norm = f.equal_norm = f.spread = 0.3; });
  for (const auto& input : {batch.raw, loss->parameters()[0].second}) {
    const auto exact = gradient(reduced(*loss, batch, given_targets(batch)), input);
    const auto estimate =
        central_differences([&] { return reduced(*loss, batch, given_targets(batch)).item<double>(); }, input);
    EXPECT_LT(largest_difference(exact, estimate), 1e-5 * (1 + exact.abs().max().item<double>()));
  }
}

TEST(Finish, ClassVectorsMustBeThere) {
  EXPECT_EQ(code_of([] {
              make_loss("ntxent", small_context(),
                        [](Options& o) { dynamic_cast<WithFinish<NtXentOptions>&>(o).finish.spread = 1; });
            }),
            ErrorCode::kConfig);
  FinishOptions options = reducer("threshold");
  options.low = 2, options.high = 1;
  EXPECT_EQ(options.check().size(), 1u);
}

}  // namespace
}  // namespace winnow::test
