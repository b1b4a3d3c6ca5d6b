#include "src/workflow/loop.h"

#include <nlohmann/json.hpp>

#include "src/core/clock.h"
#include "src/core/error.h"
#include "src/core/interrupt.h"
#include "src/core/json.h"
#include "src/core/log.h"
#include "src/core/tables.h"
#include "src/training/provenance.h"
#include "src/training/trainer.h"
#include "src/workflow/loop_parts.h"
#include "src/workflow/noise_apply.h"

namespace winnow {
namespace {

using Json = nlohmann::ordered_json;

class Loop {
 public:
  explicit Loop(const LoopRequest& request)
      : request_(request), given_(loop_recipe(request, false)), source_(training_source(given_.config.data)) {
    check_loop(request_, given_);
    labels_ = std::make_unique<LoopLabels>(source_, request_.key);
    claim_folder();
  }

  LoopOutcome run() {
    try {
      first_step();
      robust_step();
      for (int64_t round = 1; round <= request_.rounds && repair(round); ++round) retrain(round);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kInterrupted) throw;
      throw Error(ErrorCode::kInterrupted,
                  "[loop] stopped at " + at_ + "; everything is saved. Go on with: " + shell_line(request_.command));
    }
    return finish();
  }

 private:
  fs::path round_folder(int64_t round) const { return request_.out / ("round-" + std::to_string(round)); }
  fs::path repaired(int64_t round) const { return round_folder(round) / "repaired.csv"; }

  /// A folder that was made with other settings would mix two loops.
  void claim_folder() {
    make_folder(request_.out);
    const fs::path file = request_.out / "settings.json";
    const std::string digest = loop_settings_digest(request_);
    if (!fs::exists(file)) {
      write_json_atomically(file, Json{{"format", 1},
                                       {"settings_sha256", digest},
                                       {"command", shell_line(request_.command)},
                                       {"manifest", source_.data},
                                       {"made", utc_now()}});
    } else if (read_json(file).value("settings_sha256", "") != digest) {
      throw Error(ErrorCode::kUsage, "[loop] " + request_.out.string() +
                                         " was made with other settings or data; choose another --out (only --rounds "
                                         "and --key may change)");
    }
  }

  void start_part(const std::string& name) {
    at_ = name;
    if (interrupted()) throw Error(ErrorCode::kInterrupted, name);
    log_info("loop: {}", name);
  }

  void add_step(LoopStep step, const fs::path& run, const fs::path& manifest) {
    labels_->fill(step, manifest);
    auto measured = std::make_unique<EvaluationRun>(measure_loop_model(request_, run));
    fill_metrics(step, request_, *measured, base_.get());
    if (!base_) base_ = std::move(measured);
    const auto& metric = request_.metrics.front();
    log_info("loop: {}: {} {}", step.name, metric, format_number(step.metrics.at(metric), 4));
    out_.steps.push_back(std::move(step));
  }

  void first_step() {
    start_part("training on the labels as given");
    LoopStep step{"given labels", "given", 0, 0, 0, "", {}, {}, {}, 0};
    step.seconds = loop_training(request_, given_, source_, request_.out / "given");
    first_opinion_ = judge_for_loop(request_.out / "given", {}, seed());
    log_info("loop: {}", first_opinion_->estimate.certainty);
    add_step(std::move(step), request_.out / "given", {});
  }

  void robust_step() {
    start_part("robust training on the labels as given");
    LoopRecipe recipe = loop_recipe(request_, true);
    LoopStep step{"robust training on the given labels", "round-1/robust", 0, 0, 0, "", {}, {}, {}, 0};
    step.seconds = loop_training(request_, recipe, source_, round_folder(1) / "robust");
    add_step(std::move(step), round_folder(1) / "robust", {});
  }

  /// From round 2 on the last network judges, which has not seen the labels that were left out, by the neighbours whose
  /// labels stood.
  std::unique_ptr<LoopJudgement> judge(int64_t round) {
    if (round == 1) {
      ask_one_more(*first_opinion_, round_folder(1) / "robust", {}, seed());
      return std::move(first_opinion_);
    }
    return judge_for_loop(round_folder(round - 1) / "retrained" / "embeddings", labels_->untouched(repaired(round - 1)),
                          seed());
  }

  /// @return false when there is nothing (more) to repair
  bool repair(int64_t round) {
    start_part("ranking and repair, round " + std::to_string(round));
    const auto judgement = judge(round);
    const auto& e = judgement->estimate;
    make_folder(round_folder(round));
    write_json_atomically(round_folder(round) / "estimate.json", Json{{"rate", e.rate.value},
                                                                      {"low", e.rate.low},
                                                                      {"high", e.rate.high},
                                                                      {"suspects", e.suspects},
                                                                      {"certainty", e.certainty}});
    write_suspects_csv(round_folder(round) / "suspects.csv", judgement->suspects, judgement->labels().given(),
                       judgement->labels().rows);
    certainty_ = e.certainty;
    const fs::path decisions = round_folder(round) / "decisions.csv";
    if (write_loop_decisions(decisions, *judgement, request_.thresholds) == 0) {
      if (round == 1) stopped_ = "Nothing was repaired: " + certainty_ + ".";
      return false;
    }
    const ApplyResult applied = apply_decisions({source_, decisions.string(), repaired(round).string(), 0, {}});
    log_info("loop: {} relabelled, {} left out, {} protected rows untouched", applied.relabelled, applied.dropped,
             applied.protected_rows);
    if (applied.relabelled + applied.dropped == 0) {
      stopped_ = "Nothing was repaired: every doubted row is in a protected split.";
      return false;
    }
    return round == 1 || applied.digest != sha256_file(repaired(round - 1));
  }

  void retrain(int64_t round) {
    const std::string number = std::to_string(round);
    start_part("training on the repaired labels, round " + number);
    LoopRecipe recipe = loop_recipe(request_, request_.final_recipe == "robust");
    train_on_repaired(recipe, repaired(round), given_.config);
    const fs::path run = round_folder(round) / "retrained";
    LoopStep step{"repaired labels of round " + number, "round-" + number, 0, 0, 0, certainty_, {}, {}, {}, 0};
    step.seconds = loop_training(request_, recipe, source_, run);
    add_step(std::move(step), run, repaired(round));
  }

  LoopOutcome finish() {
    out_.verdict = judge_loop(out_.steps, request_.metrics.front(), stopped_);
    out_.report = request_.out / "report.html";
    write_loop_page(out_.report, "Label repair loop: " + given_.config.name, out_.steps, request_.metrics,
                    out_.verdict);
    write_json_atomically(request_.out / "loop.json", loop_document(out_));
    return std::move(out_);
  }

  uint64_t seed() const { return static_cast<uint64_t>(given_.config.training.seed); }

  const LoopRequest& request_;
  LoopRecipe given_;
  DataSource source_;
  std::unique_ptr<LoopLabels> labels_;
  std::unique_ptr<EvaluationRun> base_;
  std::unique_ptr<LoopJudgement> first_opinion_;  ///< by the network of the given labels; gone after round 1
  LoopOutcome out_;
  std::string at_, certainty_, stopped_;
};

}  // namespace

LoopOutcome run_loop(const LoopRequest& request) { return Loop(request).run(); }

std::vector<LoopPlanStep> plan_loop(const LoopRequest& request) {
  LoopRecipe given = loop_recipe(request, false), robust = loop_recipe(request, true);
  check_loop(request, given);
  const LoopLabels labels(training_source(given.config.data), request.key);
  const auto held_out =
      static_cast<int64_t>(read_dataset(request.queries).items.size() +
                           (request.gallery.data.empty() ? size_t{0} : read_dataset(request.gallery).items.size()));
  // Once a recipe: two estimates of the same training would differ by what else the machine does.
  const auto cost = [&](LoopRecipe& recipe) {
    const CostCard card = plan_training(recipe.config, false);
    const int64_t batch = recipe.config.training.batch, embedded = labels.rows() + held_out;
    const double forward = card.seconds_per_step / (3 * static_cast<double>(batch));
    return LoopPlanStep{"", card.steps * batch + embedded,
                        card.seconds_total + forward * static_cast<double>(embedded)};
  };
  const LoopPlanStep plain = cost(given), careful = cost(robust);
  const LoopPlanStep& again = request.final_recipe == "robust" ? careful : plain;
  std::vector<LoopPlanStep> out = {
      {"given: train on the labels as given, embed, measure", plain.passes, plain.seconds},
      {"round-1/robust: train robustly on the labels as given, embed, measure", careful.passes, careful.seconds}};
  for (int64_t round = 1; round <= request.rounds; ++round) {
    const std::string folder = "round-" + std::to_string(round);
    out.push_back({folder + ": rank, decide, write repaired.csv", 0, 0});
    out.push_back({folder + "/retrained: train on the repaired labels, embed, measure", again.passes, again.seconds});
  }
  return out;
}

nlohmann::ordered_json loop_document(const LoopOutcome& outcome) {
  Json steps = Json::array();
  for (const auto& step : outcome.steps) {
    Json one = {
        {"name", step.name},       {"folder", step.folder},   {"rows", step.rows},      {"relabelled", step.relabelled},
        {"dropped", step.dropped}, {"metrics", step.metrics}, {"gain", Json::object()}, {"seconds", step.seconds}};
    for (const auto& [metric, gain] : step.gain)
      one["gain"][metric] = {{"difference", gain.difference}, {"low", gain.low}, {"high", gain.high}};
    if (step.truth)
      one["truth"] = {{"wrong", step.truth->wrong},
                      {"relabelled_right", step.truth->relabelled_right},
                      {"dropped_right", step.truth->dropped_right}};
    steps.push_back(std::move(one));
  }
  return {{"format", 1},
          {"earned", outcome.verdict.earned},
          {"winner", outcome.steps.at(outcome.verdict.winner).name},
          {"verdict", outcome.verdict.text},
          {"steps", steps},
          {"report", outcome.report.string()}};
}

}  // namespace winnow
