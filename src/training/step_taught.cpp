#include <ATen/ATen.h>

#include "src/training/step.h"

namespace winnow {
namespace {

/// What one network learns from blended pictures.
struct TaughtSide {
  LossBatch batch;
  Targets targets;
  at::Tensor total;
};

Targets targets_of(const Lesson& lesson) {
  return {lesson.soft.argmax(1), lesson.soft, at::ones_like(lesson.labelled)};
}

}  // namespace

TrainStep::Pass TrainStep::taught_pass(const Pictures& pictures, PeerTeacher& teacher,
                                       std::map<std::string, Ratio>& log) {
  Pass out;
  out.scores = learner_.class_scores(pictures.batch, pictures.images);
  PeerBatch view;
  view.labels = pictures.batch.labels;
  view.rows = pictures.batch.rows;
  view.logits_a = out.scores;
  view.logits_b = peer_->class_scores(pictures.batch, pictures.images);
  view.epoch = pictures.batch.epoch;
  view.step = pictures.batch.step;
  const PeerLesson taught = teacher.teach(view);
  const auto learn = [&](Learner& learner, const Lesson& lesson, int network, std::map<std::string, Ratio>& notes) {
    const auto seed = static_cast<uint64_t>(config_.training.seed);
    const Mix mix =
        draw_mixup(taught.alpha, seed, network == 0 ? "blend a" : "blend b", view.labels.size(0), view.step);
    TaughtSide side{pictures.batch, mix_targets(targets_of(lesson), mix, data_.train.classes()), {}};
    learner.embed(side.batch, pictures.images, mix_images(pictures.images, mix), network == 0 && needs_teacher_);
    const Lesson blended{side.targets.soft, lesson.labelled};
    side.targets.trust = lesson.labelled;
    const auto logits = learner.classifier()->logits(side.batch);
    side.total =
        learner.total_loss(side.batch, side.targets, notes) + teacher.blended_term(view.step, network, logits, blended);
    return side;
  };
  std::map<std::string, Ratio> unused;
  TaughtSide a = learn(learner_, taught.a, 0, log), b = learn(*peer_, taught.b, 1, unused);
  log["kept"] = {taught.a.labelled.mean().item<double>(), 1};
  out.batch = a.batch;
  out.targets = out.counted = a.targets;
  out.side = {b.batch, b.targets};
  out.total = a.total + b.total;
  return out;
}

}  // namespace winnow
