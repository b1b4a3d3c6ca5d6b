#pragma once

#include <memory>
#include <utility>

#include "losses/loss.h"

namespace winnow {

template <typename Base, typename Member, typename O>
std::unique_ptr<Base> make_member(const Options& options, const LossContext& context) {
  return std::make_unique<Member>(dynamic_cast<const O&>(options), context);
}

/// One line a member: its class, its options, and what `winnow list` says of it.
template <typename Base, typename Member, typename O, typename F>
void add_member(F& family, EntryInfo info) {
  family.template add<O>(std::move(info), make_member<Base, Member, O>);
}

template <typename Member, typename O>
void add_loss(LossFamily& family, EntryInfo info) {
  add_member<Loss, Member, O>(family, std::move(info));
}

template <typename Member, typename O>
void add_policy(PolicyFamily& family, EntryInfo info) {
  add_member<TargetPolicy, Member, O>(family, std::move(info));
}

template <typename Member, typename O>
void add_estimator(TrustFamily& family, EntryInfo info) {
  add_member<TrustEstimator, Member, O>(family, std::move(info));
}

// The lists, one file each.
void register_classification_losses(LossFamily& family);
void register_margin_losses(LossFamily& family);
void register_metric_losses(LossFamily& family);
void register_policies(PolicyFamily& family);
void register_estimators(TrustFamily& family);

}  // namespace winnow
