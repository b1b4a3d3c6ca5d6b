// What every registered loss must keep, default options and a few variants. A new loss is in here by its name alone.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <ostream>
#include <set>

#include "losses/arcface.h"
#include "losses/boundaryface.h"
#include "losses/bounded.h"
#include "losses/combined_margin.h"
#include "losses/contrastive.h"
#include "losses/cross_entropy.h"
#include "losses/elasticface.h"
#include "losses/proxy_nca.h"
#include "losses/triplet.h"
#include "tests/unit/losses/loss_support.h"

namespace winnow::test {
namespace {

struct LossCase {
  std::string label, name;
  Tweak tweak;
};

/// Losses with factors that carry no gradient (gates, running statistics): backward is not the slope of the value, and
/// their own tests compare it with the slope while those factors stand still.
bool has_still_factors(const std::string& name) {
  static const std::set<std::string> names{"adaface", "circle",         "curricularface", "dynamic_soft_margin",
                                           "elr",     "noise_tolerant", "sface"};
  return names.count(name) > 0;
}

template <typename O>
Tweak with(std::function<void(O&)> change) {
  return [change](Options& options) { change(dynamic_cast<O&>(options)); };
}

std::vector<LossCase> loss_cases() {
  std::vector<LossCase> out;
  for (const auto& name : loss_family().names()) out.push_back({name, name, nullptr});
  out.push_back(
      {"cross_entropy_smoothed", "cross_entropy", with<CrossEntropyOptions>([](auto& o) { o.label_smoothing = 0.1; })});
  out.push_back({"truncated_gce_low", "truncated_gce", with<TruncatedGceOptions>([](auto& o) { o.k = 1e-6; })});
  out.push_back({"arcface_unguarded", "arcface", with<ArcFaceOptions>([](auto& o) { o.guard = false; })});
  out.push_back({"arcface_ramped", "arcface", with<ArcFaceOptions>([](auto& o) { o.margin_ramp = 0.8; })});
  const auto triplets_by = [](const std::string& miner) {
    return with<TripletOptions>([miner](auto& o) { o.mining.miner = miner, o.margin = 0.5; });
  };
  for (const char* miner : {"batch_hard", "batch_easy", "semihard", "distance_weighted", "angular"})
    out.push_back({std::string("triplet_") + miner, "triplet", triplets_by(miner)});
  out.push_back({"triplet_soft", "triplet", with<TripletOptions>([](auto& o) { o.soft = o.swap = true; })});
  out.push_back({"elasticface_plus", "elasticface", with<ElasticFaceOptions>([](auto& o) { o.plus = true; })});
  out.push_back({"proxy_nca_others", "proxy_nca", with<ProxyNcaOptions>([](auto& o) { o.denominator = "others"; })});
  out.push_back({"arcface_filtered", "arcface", with<ArcFaceOptions>([](auto& o) { o.filter = 0.4; })});
  out.push_back({"combined_margin_stretched", "combined_margin",
                 with<CombinedMarginOptions>([](auto& o) { o.m1 = 0.9, o.m2 = 0.4, o.m3 = 0.15; })});
  out.push_back(
      {"boundaryface_before", "boundaryface", with<BoundaryFaceOptions>([](auto& o) { o.relabel_start = 1.0; })});
  for (const char* name : {"supcon", "multi_similarity", "ntxent", "triplet", "margin", "lifted", "fastap", "nca"})
    out.push_back({std::string(name) + "_memory", name, with<PairOptions>([](auto& o) { o.memory = 8; })});
  out.push_back({"contrastive_memory", "contrastive", with<ContrastiveOptions>([](auto& o) { o.memory = 8; })});
  return out;
}

void fill_memories(Loss& loss, const LossContext& context) {
  for (uint64_t seed = 90; seed < 92; ++seed) {
    const auto batch = random_batch(6, context, seed);
    loss.after_step(batch, given_targets(batch));
  }
}

std::ostream& operator<<(std::ostream& out, const LossCase& one) { return out << one.label; }

std::vector<LossCase> classification_cases() {
  std::vector<LossCase> out;
  const auto context = small_context();
  for (auto& one : loss_cases())
    if (make_loss(one.name, context, one.tweak)->logits(random_batch(2, context, 1)).defined()) out.push_back(one);
  return out;
}

class LossContract : public ::testing::TestWithParam<LossCase> {
 protected:
  std::unique_ptr<Loss> make(const LossContext& context) const {
    return make_loss(GetParam().name, context, GetParam().tweak);
  }
  LossContext context_ = small_context();
};

/// Losses that score classes: one element an item, soft targets, logits().
class ClassificationContract : public LossContract {};

TEST_P(LossContract, GivesItemsOfTheDocumentedShape) {
  const auto loss = make(context_);
  fill_memories(*loss, context_);
  const auto batch = random_batch(8, context_, 1);
  const auto result = loss->forward(batch, given_targets(batch));
  ASSERT_FALSE(result.items.empty());
  for (const auto& items : result.items) {
    ASSERT_TRUE(items.values.defined());
    if (items.kind == ItemKind::kReduced) continue;
    ASSERT_EQ(items.values.dim(), 1);
    if (items.kind == ItemKind::kElement && !items.first.defined()) {
      EXPECT_EQ(items.values.size(0), 8);
    }
    for (const auto& positions : {items.first, items.second}) {
      if (!positions.defined()) continue;
      EXPECT_EQ(positions.scalar_type(), at::kLong);
      EXPECT_EQ(positions.sizes(), items.values.sizes());
      if (positions.numel() > 0) {
        EXPECT_LT(positions.max().item<int64_t>(), 8);
      }
    }
  }
  EXPECT_EQ(reduced(*loss, batch, given_targets(batch)).dim(), 0);
}

TEST_P(ClassificationContract, ScoresEveryClass) {
  const auto loss = make(context_);
  EXPECT_EQ(loss->logits(random_batch(8, context_, 1)).sizes(), (at::IntArrayRef{8, context_.classes}));
}

TEST_P(LossContract, GradientsAgreeWithCentralDifferences) {
  const auto loss = make(context_);
  fill_memories(*loss, context_);
  const auto batch = random_batch(7, context_, 2);
  auto targets = given_targets(batch);
  targets.trust = at::linspace(0.2, 1.0, 7, targets.trust.options());
  if (has_still_factors(GetParam().name)) GTEST_SKIP() << "still factors; see the test of this loss";
  const auto value = [&] { return reduced(*loss, batch, targets).item<double>(); };
  std::vector<std::pair<std::string, at::Tensor>> inputs{{"raw", batch.raw}, {"z", batch.z}};
  for (const auto& parameter : loss->parameters()) inputs.push_back(parameter);
  double largest = 0;
  for (const auto& [name, input] : inputs) {
    const auto exact = gradient(reduced(*loss, batch, targets), input);
    const auto estimate = central_differences(value, input);
    EXPECT_LT(largest_difference(exact, estimate), 1e-6 * (1 + exact.abs().max().item<double>())) << name;
    largest = std::max(largest, exact.abs().max().item<double>());
  }
  // Under its limit k a label is left out, and no label of a random batch is above the default.
  if (GetParam().label == "truncated_gce") return;
  EXPECT_GT(largest, 1e-4) << "the loss depends on nothing";
}

TEST_P(LossContract, IsFiniteForHugeEmbeddings) {
  const auto context = small_context(at::kFloat);
  const auto loss = make(context);
  fill_memories(*loss, context);
  auto batch = random_batch(8, context, 3);
  const auto huge = at::where(batch.raw.detach() > 0, 1e4, -1e4).to(at::kFloat);
  batch.raw = huge.clone().requires_grad_(true);
  batch.z = huge.clone().requires_grad_(true);
  for (const auto* input : {&batch.raw, &batch.z}) {
    const auto value = reduced(*loss, batch, given_targets(batch));
    EXPECT_TRUE(value.isfinite().item<bool>());
    EXPECT_TRUE(gradient(value, *input).isfinite().all().item<bool>());
  }
}

TEST_P(LossContract, IsFiniteWhenAllEmbeddingsCoincide) {
  const auto context = small_context(at::kFloat);
  const auto loss = make(context);
  auto batch = random_batch(6, context, 4);
  const auto parameters = loss->parameters();
  const auto direction = parameters.empty() ? batch.z.detach()[0] : parameters[0].second.detach()[1];
  for (const double sign : {1.0, -1.0}) {
    const auto same = (sign * direction / direction.norm()).expand({6, context.dim}).contiguous();
    batch.raw = same.clone().requires_grad_(true);
    batch.z = same.clone().requires_grad_(true);
    const auto value = reduced(*loss, batch, given_targets(batch));
    EXPECT_TRUE(value.isfinite().item<bool>());
    EXPECT_TRUE(gradient(value, batch.z).isfinite().all().item<bool>());
  }
}

TEST_P(LossContract, ValuesMoveWithTheOrderOfTheBatch) {
  const auto loss = make(context_);
  fill_memories(*loss, context_);
  const auto batch = random_batch(8, context_, 5);
  const auto order = at::tensor({5, 2, 7, 0, 1, 6, 3, 4}, at::TensorOptions(at::kLong));
  auto shuffled = batch;
  for (auto* t : {&shuffled.raw, &shuffled.z, &shuffled.labels, &shuffled.rows}) *t = t->index_select(0, order);
  auto targets = given_targets(batch), shuffled_targets = given_targets(shuffled);
  targets.trust = at::linspace(0.1, 1.0, 8, targets.trust.options());
  shuffled_targets.trust = targets.trust.index_select(0, order);
  EXPECT_NEAR(reduced(*loss, batch, targets).item<double>(), reduced(*loss, shuffled, shuffled_targets).item<double>(),
              1e-12);
  const auto result = loss->forward(batch, targets), moved = loss->forward(shuffled, shuffled_targets);
  for (size_t k = 0; k < result.items.size(); ++k) {
    const auto& items = result.items[k];
    if (items.kind != ItemKind::kElement || items.first.defined()) continue;
    EXPECT_LT(largest_difference(items.values.index_select(0, order), moved.items[k].values), 1e-12);
  }
}

TEST_P(ClassificationContract, AnUntrustedElementHasNoGradient) {
  const auto loss = make(context_);
  const auto batch = random_batch(6, context_, 6);
  auto targets = given_targets(batch);
  targets.trust = targets.trust.clone();
  targets.trust[2] = 0.0;
  for (const auto& input : {batch.raw, batch.z}) {
    const auto slope = gradient(reduced(*loss, batch, targets), input);
    EXPECT_EQ(slope[2].abs().max().item<double>(), 0.0);
  }
}

TEST_P(ClassificationContract, ASoftTargetGivesTheExpectationOverItsLabels) {
  const auto loss = make(context_);
  const auto batch = random_batch(6, context_, 7);
  auto targets = given_targets(batch);
  targets.soft = at::softmax(batch.z.detach().mm(at::ones({4, 5}, batch.z.options()).triu()) * 2, 1);
  auto expected = at::zeros({6}, batch.z.options().requires_grad(false));
  for (int64_t k = 0; k < context_.classes; ++k) {
    Targets one = given_targets(batch);
    one.labels = at::full_like(batch.labels, k);
    expected = expected + targets.soft.select(1, k) * first_values(*loss, batch, one).detach();
  }
  EXPECT_LT(largest_difference(first_values(*loss, batch, targets), expected), 1e-10);
  if (has_still_factors(GetParam().name)) return;
  const auto value = [&] { return reduced(*loss, batch, targets).item<double>(); };
  const auto exact = gradient(reduced(*loss, batch, targets), batch.z);
  EXPECT_LT(largest_difference(exact, central_differences(value, batch.z)),
            1e-6 * (1 + exact.abs().max().item<double>()));
}

TEST_P(LossContract, RefusesWhatDoesNotFit) {
  const auto loss = make(context_);
  const auto batch = random_batch(6, context_, 8);
  const auto code = [&](const std::function<void(LossBatch&, Targets&)>& spoil) {
    LossBatch bad = batch;
    Targets targets = given_targets(batch);
    spoil(bad, targets);
    return code_of([&] { loss->forward(bad, targets); });
  };
  EXPECT_EQ(code([](auto& b, auto&) { b.z = b.z.narrow(1, 0, 3); }), ErrorCode::kShape);
  EXPECT_EQ(code([](auto& b, auto&) { b.z = b.z.select(1, 0); }), ErrorCode::kShape);
  EXPECT_EQ(code([](auto& b, auto&) { b.z = at::Tensor(); }), ErrorCode::kShape);
  EXPECT_EQ(code([](auto& b, auto&) { b.raw = b.raw.narrow(0, 0, 5); }), ErrorCode::kShape);
  EXPECT_EQ(code([](auto& b, auto&) { b.labels = b.labels.narrow(0, 0, 5); }), ErrorCode::kShape);
  EXPECT_EQ(code([](auto& b, auto&) { b.labels = b.labels.to(at::kInt); }), ErrorCode::kShape);
  EXPECT_EQ(code([](auto&, auto& t) { t.trust = t.trust.narrow(0, 0, 5); }), ErrorCode::kShape);
  EXPECT_EQ(code([](auto&, auto& t) { t.labels = t.labels - 5; }), ErrorCode::kData);
}

TEST_P(ClassificationContract, RefusesClassesThatDoNotExist) {
  const auto loss = make(context_);
  const auto batch = random_batch(6, context_, 8);
  auto bad = batch;
  bad.labels = batch.labels + 5;
  EXPECT_EQ(code_of([&] { loss->forward(bad, given_targets(batch)); }), ErrorCode::kData);
  EXPECT_EQ(code_of([&] { loss->logits(bad); }), ErrorCode::kData);
  auto targets = given_targets(batch);
  targets.labels = batch.labels + 5;
  EXPECT_EQ(code_of([&] { loss->forward(batch, targets); }), ErrorCode::kData);
  targets = given_targets(batch);
  targets.soft = at::ones({6, 4});
  EXPECT_EQ(code_of([&] { loss->forward(batch, targets); }), ErrorCode::kShape);
}

/// One step of plain gradient descent on the loss's own parameters, then after_step.
double train_step(Loss& loss, const LossContext& context, uint64_t seed) {
  const auto batch = random_batch(6, context, seed);
  auto targets = given_targets(batch);
  targets.trust = at::linspace(0.3, 1.0, 6, targets.trust.options());
  const auto value = reduced(loss, batch, targets);
  if (value.requires_grad()) value.backward();
  {
    const at::NoGradGuard no_grad;
    for (auto& [name, parameter] : loss.parameters()) {
      if (!parameter.grad().defined()) continue;
      parameter.sub_(parameter.grad(), 0.1);
      parameter.mutable_grad() = at::Tensor();
    }
  }
  loss.after_step(batch, targets);
  return value.item<double>();
}

TEST_P(LossContract, ContinuesToTheBitFromItsSavedState) {
  const auto whole = make(context_);
  for (uint64_t seed = 10; seed < 13; ++seed) train_step(*whole, context_, seed);
  const auto state = copy_of(whole->state()), parameters = copy_of(whole->parameters());
  const auto resumed = make(context_);
  {
    const at::NoGradGuard no_grad;
    restore_state(parameters, resumed->parameters());
  }
  resumed->load_state(LossState(state.rbegin(), state.rend()));
  for (uint64_t seed = 13; seed < 16; ++seed) {
    EXPECT_EQ(train_step(*whole, context_, seed), train_step(*resumed, context_, seed));
  }
  const auto a = whole->state(), b = resumed->state();
  for (size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(same_bits(a[i].second, b[i].second)) << a[i].first;
}

TEST_P(LossContract, RefusesTheStateOfAnotherLoss) {
  const auto loss = make(context_);
  auto state = copy_of(loss->state());
  state.emplace_back("stranger", at::zeros({1}));
  EXPECT_EQ(code_of([&] { loss->load_state(state); }), ErrorCode::kData);
}

TEST_P(ClassificationContract, LogitsAndForwardShareOneBackward) {
  const auto loss = make(context_);
  const auto total_gradient = [&](bool forward, bool penalty) {
    const auto batch = random_batch(6, context_, 9);
    auto total = at::zeros({}, at::TensorOptions(at::kDouble));
    if (penalty) total = total + loss->logits(batch).square().mean();
    if (forward) total = total + reduced(*loss, batch, given_targets(batch));
    total.backward();
    const auto slope = [](const at::Tensor& x) { return x.grad().defined() ? x.grad() : at::zeros_like(x).detach(); };
    return at::cat({slope(batch.raw), slope(batch.z)});
  };
  const auto both = total_gradient(true, true);
  EXPECT_LT(largest_difference(both, total_gradient(true, false) + total_gradient(false, true)), 1e-12);
}

INSTANTIATE_TEST_SUITE_P(All, LossContract, ::testing::ValuesIn(loss_cases()),
                         [](const auto& test) { return test.param.label; });

INSTANTIATE_TEST_SUITE_P(All, ClassificationContract, ::testing::ValuesIn(classification_cases()),
                         [](const auto& test) { return test.param.label; });

}  // namespace
}  // namespace winnow::test
