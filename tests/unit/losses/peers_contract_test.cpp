// What every registered peer rule must keep.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <ostream>

#include "losses/dividemix.h"
#include "losses/peers.h"
#include "tests/unit/losses/loss_support.h"

namespace winnow::test {
namespace {

struct PeerCase {
  std::string label, name;
  Tweak tweak;
};

std::ostream& operator<<(std::ostream& out, const PeerCase& one) { return out << one.label; }

void tell_the_rate(Options& options) {
  if (auto* told = dynamic_cast<PeerOptions*>(&options)) told->rate = 0.3;
}

std::vector<PeerCase> peer_cases() {
  std::vector<PeerCase> out;
  for (const auto& name : peer_family().names())
    if (name != "none") out.push_back({name, name, tell_the_rate});
  out.push_back({"dividemix_slow", "dividemix", [](Options& o) {
                   auto& d = dynamic_cast<DivideMixOptions&>(o);
                   d.keep = 0.5;
                   d.warmup = 0.3;
                   d.confidence_penalty = 1;
                 }});
  return out;
}

/// Five epochs of two steps.
LossContext context() {
  auto out = small_context();
  out.steps_per_epoch = 2;
  out.total_steps = 10;
  return out;
}

PeerBatch views_of(const LossContext& context, int64_t step) {
  const auto drawn = random_batch(20, context, static_cast<uint64_t>(step));
  PeerBatch out;
  out.labels = at::cat({drawn.labels, drawn.labels});
  out.rows = at::cat({drawn.rows, drawn.rows});
  // What a step sees is a pure function of its number.
  Random random(static_cast<uint64_t>(step), "peer logits");
  for (auto* logits : {&out.logits_a, &out.logits_b}) {
    *logits = at::zeros({40, context.classes}, at::kDouble);
    for (int64_t i = 0; i < logits->numel(); ++i) logits->mutable_data_ptr<double>()[i] = 3 * random.normal();
    logits->set_requires_grad(true);
  }
  out.step = step;
  out.epoch = step / context.steps_per_epoch;
  return out;
}

/// All that a rule decides at a step, one after the other, detached.
std::vector<at::Tensor> decisions(PeerRule& rule, const PeerBatch& batch) {
  std::vector<at::Tensor> out;
  if (auto* teacher = rule.teacher(batch.step)) {
    const auto taught = teacher->teach(batch);
    for (const auto& [network, lesson] : {std::pair{0, taught.a}, std::pair{1, taught.b}}) {
      const auto& logits = network == 0 ? batch.logits_a : batch.logits_b;
      const auto term = teacher->blended_term(batch.step, network, logits, lesson);
      EXPECT_TRUE(term.requires_grad());
      for (const auto& part : {lesson.soft, lesson.labelled, term.detach()}) out.push_back(part);
    }
    return out;
  }
  const auto verdict = rule.judge(batch);
  for (const auto& part : {verdict.weight_a, verdict.weight_b}) out.push_back(part);
  if (verdict.extra.defined()) {
    EXPECT_TRUE(verdict.extra.requires_grad());
    out.push_back(verdict.extra.detach());
  }
  return out;
}

class PeerContract : public ::testing::TestWithParam<PeerCase> {
 protected:
  std::unique_ptr<PeerRule> make() const {
    const auto options = peer_family().make_options(GetParam().name);
    if (GetParam().tweak) GetParam().tweak(*options);
    return peer_family().maker(GetParam().name)(*options, context_);
  }
  std::vector<at::Tensor> step(PeerRule& rule, int64_t number) const {
    auto out = decisions(rule, views_of(context_, number));
    if (number % context_.steps_per_epoch == 1) rule.end_epoch(number / context_.steps_per_epoch);
    return out;
  }
  LossContext context_ = context();
};

TEST_P(PeerContract, DecidesForEveryPlaceOfTheBatch) {
  const auto rule = make();
  for (int64_t number = 0; number < 10; ++number) {
    const bool taught = rule->teacher(number) != nullptr;
    const auto parts = step(*rule, number);
    for (const auto& part : parts) {
      EXPECT_TRUE(part.isfinite().all().item<bool>());
      EXPECT_FALSE(part.requires_grad());
      if (part.dim() == 1) {
        EXPECT_EQ(part.size(0), 40);
        EXPECT_TRUE(part.eq(0).logical_or(part.eq(1)).all().item<bool>());
      }
    }
    if (!taught) continue;
    EXPECT_EQ(parts[0].size(1), context_.classes);
    EXPECT_LT(largest_difference(parts[0].sum(1), at::ones({40}, at::kDouble)), 1e-12);
  }
  for (const auto& [name, value] : rule->log()) EXPECT_TRUE(std::isfinite(value)) << name;
}

TEST_P(PeerContract, DecisionsMoveWithTheOrderOfTheBatch) {
  const auto one = make(), other = make();
  const auto order = at::arange(39, -1, -1, at::TensorOptions(at::kLong));
  for (int64_t number = 0; number < 10; ++number) {
    const auto batch = views_of(context_, number);
    auto turned = batch;
    for (auto* t : {&turned.labels, &turned.rows, &turned.logits_a, &turned.logits_b}) *t = t->index_select(0, order);
    const auto a = decisions(*one, batch), b = decisions(*other, turned);
    for (size_t i = 0; i < a.size(); ++i)
      EXPECT_LT(largest_difference(a[i].dim() == 0 ? a[i] : a[i].index_select(0, order), b[i]), 1e-9) << number;
    if (number % 2 == 1)
      for (auto* rule : {one.get(), other.get()}) rule->end_epoch(number / 2);
  }
}

TEST_P(PeerContract, ContinuesToTheBitFromItsSavedState) {
  for (const int64_t stop : {1, 2, 5}) {
    const auto whole = make(), resumed = make();
    for (int64_t number = 0; number < stop; ++number) step(*whole, number);
    const auto state = copy_of(whole->state());
    resumed->load_state(LossState(state.rbegin(), state.rend()));
    for (int64_t number = stop; number < 10; ++number) {
      const auto a = step(*whole, number), b = step(*resumed, number);
      ASSERT_EQ(a.size(), b.size());
      for (size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(same_bits(a[i], b[i])) << number << ": " << i;
      EXPECT_EQ(whole->log(), resumed->log());
    }
    const auto a = whole->state(), b = resumed->state();
    for (size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(same_bits(a[i].second, b[i].second)) << a[i].first;
  }
}

TEST_P(PeerContract, AStateOfAnotherRunIsRefused) {
  const auto rule = make();
  LossState wrong = copy_of(rule->state());
  wrong.emplace_back("stranger", at::zeros({1}));
  EXPECT_EQ(code_of([&] { rule->load_state(wrong); }), ErrorCode::kData);
}

INSTANTIATE_TEST_SUITE_P(All, PeerContract, ::testing::ValuesIn(peer_cases()),
                         [](const auto& test) { return test.param.label; });

}  // namespace
}  // namespace winnow::test
