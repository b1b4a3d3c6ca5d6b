#include "src/training/optimizer.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace winnow {
namespace {

TrainingOptions options(const std::string& rule) {
  TrainingOptions o;
  o.optimizer = rule;
  o.weight_decay = 0.01;
  return o;
}

at::Tensor parameter(double value) { return at::full({1}, value).requires_grad_(true); }

void step(Optimizer& optimizer, at::Tensor& w, double gradient) {
  w.mutable_grad() = at::full({1}, gradient);
  optimizer.step(0.1);
}

double value(const at::Tensor& w) { return w.item<double>(); }

TEST(Optimizer, AdamWMatchesHandWorkedSteps) {
  at::Tensor w = parameter(1.0);
  Optimizer optimizer(options("adamw"), {{{{"w", w}}, 1.0}});
  step(optimizer, w, 0.5);
  EXPECT_NEAR(value(w), 0.899, 1e-6);  // 1 (1 - 0.1 * 0.01) - 0.1
  step(optimizer, w, 0.25);
  // m = 0.07 / 0.19, v = 0.00031225 / 0.001999; 0.899 * 0.999 - 0.1 * 0.3684211 / 0.3952255
  EXPECT_NEAR(value(w), 0.8048830, 1e-6);
}

TEST(Optimizer, AdamAddsTheDecayToTheGradient) {
  at::Tensor w = parameter(1.0);
  Optimizer optimizer(options("adam"), {{{{"w", w}}, 1.0}});
  step(optimizer, w, 0.5);
  EXPECT_NEAR(value(w), 0.9, 1e-6);  // the first step is lr * sign(g)
  step(optimizer, w, -0.2);
  // g = 0.51 then -0.191; m = 0.0268 / 0.19, v = 0.000296320 / 0.001999
  EXPECT_NEAR(value(w), 0.9 - 0.1 * (0.0268 / 0.19) / std::sqrt(0.000296320900 / 0.001999), 1e-5);
}

TEST(Optimizer, SgdMomentumMatchesHandWorkedSteps) {
  at::Tensor w = parameter(1.0);
  Optimizer optimizer(options("sgd"), {{{{"w", w}}, 1.0}});
  step(optimizer, w, 0.5);
  EXPECT_NEAR(value(w), 0.949, 1e-6);
  step(optimizer, w, 0.25);
  EXPECT_NEAR(value(w), 0.877151, 1e-6);
}

TEST(Optimizer, NesterovLooksAhead) {
  at::Tensor w = parameter(1.0);
  TrainingOptions o = options("sgd");
  o.nesterov = true;
  Optimizer optimizer(o, {{{{"w", w}}, 1.0}});
  step(optimizer, w, 0.5);
  EXPECT_NEAR(value(w), 1 - 0.1 * (0.51 + 0.9 * 0.51), 1e-6);
}

TEST(Optimizer, SgdWithoutMomentumKeepsNoState) {
  at::Tensor w = parameter(1.0);
  TrainingOptions o = options("sgd");
  o.momentum = 0;
  Optimizer optimizer(o, {{{{"w", w}}, 1.0}});
  step(optimizer, w, 0.5);
  EXPECT_NEAR(value(w), 0.949, 1e-6);
  EXPECT_TRUE(optimizer.state().empty());
}

TEST(Optimizer, GroupsHaveTheirOwnRate) {
  at::Tensor a = parameter(1.0), b = parameter(1.0);
  TrainingOptions o = options("sgd");
  o.weight_decay = o.momentum = 0;
  Optimizer optimizer(o, {{{{"a", a}}, 1.0}, {{{"b", b}}, 10.0}});
  a.mutable_grad() = at::full({1}, 0.1);
  b.mutable_grad() = at::full({1}, 0.1);
  optimizer.step(0.1);
  EXPECT_NEAR(value(a), 0.99, 1e-6);
  EXPECT_NEAR(value(b), 0.9, 1e-6);
}

TEST(Optimizer, LeavesParametersWithoutGradientAlone) {
  at::Tensor a = parameter(1.0), b = parameter(1.0);
  Optimizer optimizer(options("adamw"), {{{{"a", a}, {"b", b}}, 1.0}});
  step(optimizer, a, 1.0);
  EXPECT_EQ(value(b), 1.0);
  optimizer.zero_grad();
  EXPECT_FALSE(a.grad().defined());
  const double before = value(a);
  optimizer.step(0.1);
  EXPECT_EQ(value(a), before);
}

TEST(Optimizer, ClipsTheNormOfAllGradientsTogether) {
  at::Tensor a = parameter(0), b = parameter(0);
  Optimizer optimizer(options("adamw"), {{{{"a", a}}, 1.0}, {{{"b", b}}, 1.0}});
  a.mutable_grad() = at::full({1}, 3.0);
  b.mutable_grad() = at::full({1}, 4.0);
  EXPECT_NEAR(optimizer.clip_gradients(10.0), 5.0, 1e-6);
  EXPECT_NEAR(a.grad().item<double>(), 3.0, 1e-6);
  EXPECT_NEAR(optimizer.clip_gradients(1.0), 5.0, 1e-6);
  EXPECT_NEAR(a.grad().item<double>(), 0.6, 1e-5);
  EXPECT_NEAR(b.grad().item<double>(), 0.8, 1e-5);
}

TEST(Optimizer, ChannelsLastWeightsMoveAsContiguousOnes) {
  const auto start = at::randn({4, 3, 3, 3}), gradient = at::randn({4, 3, 3, 3});
  at::Tensor plain = start.clone().requires_grad_(true);
  at::Tensor last = start.clone().contiguous(at::MemoryFormat::ChannelsLast).requires_grad_(true);
  for (at::Tensor* w : {&plain, &last}) {
    Optimizer optimizer(options("adamw"), {{{{"w", *w}}, 1.0}});
    for (int i = 0; i < 3; ++i) {
      w->mutable_grad() = gradient.clone(w->suggest_memory_format());
      optimizer.step(0.01);
    }
  }
  EXPECT_TRUE(at::allclose(plain, last, 1e-6, 1e-7));
  EXPECT_FALSE(at::allclose(plain, start, 1e-6, 1e-7));
}

TEST(Optimizer, StateRoundTripContinuesBitForBit) {
  for (const char* rule : {"sgd", "adam", "adamw"}) {
    at::Tensor w = parameter(0.3);
    Optimizer first(options(rule), {{{{"w", w}}, 1.0}});
    step(first, w, 0.7);
    NamedTensors saved;
    for (const auto& [name, tensor] : first.state()) saved.emplace_back(name, tensor.clone());
    at::Tensor copy = w.detach().clone().requires_grad_(true);
    Optimizer second(options(rule), {{{{"w", copy}}, 1.0}});
    second.load_state(saved);
    step(first, w, -0.4);
    step(second, copy, -0.4);
    EXPECT_EQ(value(w), value(copy)) << rule;
  }
}

TEST(Optimizer, RefusesStateOfAnotherShape) {
  at::Tensor w = parameter(0), wide = at::zeros({2}).requires_grad_(true);
  Optimizer narrow(options("adamw"), {{{{"w", w}}, 1.0}}), other(options("adamw"), {{{{"w", wide}}, 1.0}});
  const auto message = test::error_of(ErrorCode::kData, [&] { narrow.load_state(other.state()); });
  EXPECT_NE(message.find("w.first must be [1], the saved state has [2]"), std::string::npos) << message;
  test::error_of(ErrorCode::kData, [&] { narrow.load_state({}); });
}

}  // namespace
}  // namespace winnow
