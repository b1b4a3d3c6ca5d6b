#include "losses/subcentre_arcface.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>

namespace winnow {
namespace {

constexpr double kFade = 0.999;  // a step's share in what the choices remember

}  // namespace

void SubCentreArcFaceOptions::visit(OptionVisitor& v) {
  v.number("margin", margin, 0.0, 1.5, "angular margin in radians");
  v.integer("centres", centres, 1, 16, "vectors a class");
  v.number("drop_angle", drop_angle, 1.0, 180.0, "degrees from the dominant vector beyond which a picture is dropped");
  v.number("drop_start", drop_start, 0.0, 1.0, "share of training from which pictures are dropped; 1 = never");
  MarginOptions::visit(v);
}

SubCentreArcFace::SubCentreArcFace(const SubCentreArcFaceOptions& options, const LossContext& context)
    : MarginHead("subcentre_arcface", options, context, {options.centres, 0}), options_(options) {
  choices_ = at::zeros({context.classes, options.centres}, at::TensorOptions(context.dtype).device(context.device));
}

at::Tensor SubCentreArcFace::own_cosines(const at::Tensor& z, const at::Tensor& labels) const {
  const at::NoGradGuard no_grad;
  const auto weight = head().weight().view({head().classes(), options_.centres, head().dim()});
  const auto own = weight.index_select(0, labels);
  const auto unit = own / own.norm(2, 2, true).clamp_min(1e-12);
  return at::bmm(unit, z.detach().to(unit.scalar_type()).unsqueeze(2)).squeeze(2);
}

at::Tensor SubCentreArcFace::counts(const at::Tensor& own, const at::Tensor& labels) const {
  const auto places = labels * options_.centres + own.argmax(1);
  return at::zeros({head().classes() * options_.centres}, choices_.options())
      .index_add(0, places, at::ones({labels.size(0)}, choices_.options()))
      .view_as(choices_);
}

at::Tensor SubCentreArcFace::outliers(const at::Tensor& z, const at::Tensor& labels) const {
  const auto own = own_cosines(z, labels);
  const auto dominant = counts(own, labels).argmax(1).index_select(0, labels);
  return own.gather(1, dominant.unsqueeze(1)).squeeze(1) < std::cos(options_.drop_angle * M_PI / 180);
}

bool SubCentreArcFace::depends_on_label() const { return kept_.defined() || MarginHead::depends_on_label(); }

void SubCentreArcFace::begin(const LossBatch& batch, const at::Tensor&) {
  margin_ = options_.margin * ramp(batch);
  kept_ = at::Tensor();
  if (batch.progress < options_.drop_start || options_.drop_start >= 1) return;
  const auto own = own_cosines(batch.z, batch.labels);
  const auto dominant = choices_.argmax(1).index_select(0, batch.labels).unsqueeze(1);
  const auto far = own.gather(1, dominant).squeeze(1) < std::cos(options_.drop_angle * M_PI / 180);
  const auto known = choices_.sum(1).index_select(0, batch.labels) > 0;
  kept_ = far.logical_and(known).logical_not();
}

at::Tensor SubCentreArcFace::target_cosine(const at::Tensor& cosine, const at::Tensor&) const {
  return add_angle(cosine, margin_, true);
}

at::Tensor SubCentreArcFace::row_values(const at::Tensor& cosine, const at::Tensor& labels,
                                        const at::Tensor& items) const {
  const auto all = MarginHead::row_values(cosine, labels, items);
  return kept_.defined() ? all * column(kept_, items).squeeze(1).to(all.scalar_type()) : all;
}

void SubCentreArcFace::after_step(const LossBatch& batch, const Targets&) {
  const at::NoGradGuard no_grad;
  choices_.mul_(kFade).add_(counts(own_cosines(batch.z, batch.labels), batch.labels));
}

}  // namespace winnow
