#include "losses/register.h"

namespace winnow {
namespace {

template <typename F>
F filled(const char* title, std::initializer_list<void (*)(F&)> lists) {
  F family(title);
  for (const auto& list : lists) list(family);
  return family;
}

}  // namespace

const LossFamily& loss_family() {
  static const auto family =
      filled<LossFamily>("loss", {register_classification_losses, register_margin_losses, register_metric_losses});
  return family;
}

const PolicyFamily& policy_family() {
  static const auto family = filled<PolicyFamily>("targets", {register_policies});
  return family;
}

const TrustFamily& trust_family() {
  static const auto family = filled<TrustFamily>("trust", {register_estimators});
  return family;
}

}  // namespace winnow
