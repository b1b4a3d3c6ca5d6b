#include "losses/no_trust.h"

#include "losses/given.h"

namespace winnow {

Verdict NoTrust::judge(const LossBatch& batch) {
  Verdict verdict;
  verdict.trust = verdict_weights(batch, verdict);
  return verdict;
}

}  // namespace winnow
