#pragma once

#include <memory>
#include <utility>

#include "losses/finish.h"
#include "losses/register.h"

namespace winnow {

/// A loss with the section `finish`; With is WithFinish or WithNonzero.
template <typename Member, typename O, template <typename> class With = WithFinish>
void add_finished(LossFamily& family, EntryInfo info) {
  family.add<With<O>>(std::move(info), [](const Options& options, const LossContext& context) -> std::unique_ptr<Loss> {
    const auto& own = dynamic_cast<const With<O>&>(options);
    auto loss = std::make_unique<Member>(own, context);
    if (own.finish.changes_nothing()) return loss;
    return std::make_unique<FinishedLoss>(std::move(loss), own.finish, context);
  });
}

}  // namespace winnow
