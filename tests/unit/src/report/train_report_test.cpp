#include "src/report/train_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace winnow {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// Loss falling from 4, validation map@r as given.
TrainReport run_with(const std::vector<double>& validation) {
  TrainReport r;
  r.name = "run<1>";
  for (size_t i = 0; i < validation.size(); ++i) {
    TrainEpoch e;
    e.epoch = static_cast<int64_t>(i) + 1;
    e.loss = 4.0 / static_cast<double>(i + 1);
    e.seconds = 10;
    e.images_per_second = 100;
    e.wait_share = 0.01;
    e.mean_pair_distance = 0.9;
    e.embedding_rank = 40;
    e.validation = {{"map@r", validation[i]}, {"recall@1", 2 * validation[i]}};
    r.epochs.push_back(e);
  }
  return r;
}

TEST(TrainDiagnosis, HealthyRunHasNone) { EXPECT_THAT(diagnose_training(run_with({0.1, 0.15, 0.2})), IsEmpty()); }

TEST(TrainDiagnosis, ValidationPastItsBest) {
  EXPECT_THAT(diagnose_training(run_with({0.1, 0.2, 0.15, 0.1})),
              Contains(HasSubstr("peaked at 0.200 in epoch 2 and fell to 0.100")));
  EXPECT_THAT(diagnose_training(run_with({0.1, 0.2, 0.199, 0.198})), IsEmpty());
}

TEST(TrainDiagnosis, EachSymptomHasItsSentence) {
  auto r = run_with({0.1, 0.15, 0.2});
  r.diagnosis = {"From the watchdog."};
  for (auto& e : r.epochs) {
    e.loss = 4;
    e.wait_share = 0.25;
    e.mean_pair_distance = 0.01;
    e.embedding_rank = 1.5;
    e.log = {{"memorised", 0.6}};
  }
  const auto found = diagnose_training(r);
  EXPECT_EQ(found.front(), "From the watchdog.");
  for (const char* part :
       {"hardly moved", "close to collapse", "effective rank of 1.5", "60.0 % of the wrong labels", "waited 25.0 %"})
    EXPECT_THAT(found, Contains(HasSubstr(part)));
}

TEST(TrainReport, FirstScreenHasTheNumbers) {
  const std::string html = train_report_page(run_with({0.1, 0.2, 0.19})).html();
  EXPECT_THAT(html,
              HasSubstr("After 3 epochs the best validation map@r is 0.200 (epoch 2, where the first hit is right for "
                        "40.0 % of the queries)."));
  EXPECT_THAT(html, HasSubstr("the loss fell from 4.000 to 1.333"));
  EXPECT_THAT(html, HasSubstr("Next: embed your pictures with the model of epoch 2"));
  EXPECT_THAT(html, Not(HasSubstr("run<1>")));
}

TEST(TrainReport, StoppedUnvalidatedAndEmptyRuns) {
  auto r = run_with({0.1, 0.2});
  r.planned_epochs = 10;
  EXPECT_THAT(train_report_page(r).html(), HasSubstr("After 2 of 10 epochs"));
  EXPECT_THAT(train_report_page(r).html(), HasSubstr("can be resumed"));
  for (auto& e : r.epochs) e.validation.clear();
  EXPECT_THAT(train_report_page(r).html(), HasSubstr("nothing was validated"));
  EXPECT_THAT(train_report_page(TrainReport{}).html(), HasSubstr("has not finished an epoch"));
}

TEST(TrainReport, TableAndConfiguration) {
  auto r = run_with({0.1, 0.2});
  r.epochs[0].validation.clear();
  r.epochs[1].log = {{"trust", 0.5}};
  r.config = "training:\n  epochs: 2\n";
  r.provenance = {{"seed", "1"}};
  const std::string html = train_report_page(r).html();
  EXPECT_THAT(html, HasSubstr("val map@r"));
  EXPECT_THAT(html, HasSubstr("<td class=\"n\">4.0000</td><td class=\"n\">-</td>"));
  EXPECT_THAT(html, HasSubstr("trust"));
  EXPECT_THAT(html, HasSubstr("epochs: 2"));
  EXPECT_THAT(html, HasSubstr("<dt>seed</dt><dd>1</dd>"));
}

}  // namespace
}  // namespace winnow
