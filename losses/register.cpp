#include "losses/arcface.h"
#include "losses/contrastive.h"
#include "losses/cross_entropy.h"
#include "losses/given.h"
#include "losses/no_trust.h"
#include "losses/normalized_softmax.h"
#include "losses/seccnn.h"

namespace winnow {
namespace {

template <typename Base, typename Member, typename O>
std::unique_ptr<Base> make_member(const Options& options, const LossContext& context) {
  return std::make_unique<Member>(dynamic_cast<const O&>(options), context);
}

/// One line a member: its class, its options, and what `winnow list` says of it.
template <typename Base, typename Member, typename O, typename F>
void add(F& family, EntryInfo info) {
  family.template add<O>(std::move(info), make_member<Base, Member, O>);
}

LossFamily make_losses() {
  LossFamily f("loss");
  add<Loss, CrossEntropy, CrossEntropyOptions>(
      f, {"cross_entropy", "softmax over a linear head on the raw embedding, optional label smoothing",
          "Szegedy et al., CVPR 2016"});
  add<Loss, NormalizedSoftmax, NormalizedSoftmaxOptions>(
      f, {"normalized_softmax", "softmax over scaled cosines, no margin (NormFace)",
          "Wang et al., ACM MM 2017; Zhai and Wu, BMVC 2019"});
  add<Loss, ArcFace, ArcFaceOptions>(
      f, {"arcface", "cosine softmax with an additive angular margin", "Deng et al., CVPR 2019"});
  add<Loss, Contrastive, ContrastiveOptions>(
      f, {"contrastive", "pairs by cosine, optionally against a cross-batch memory (XBM, MCL)",
          "Hadsell et al., CVPR 2006; Wang et al., CVPR 2020"});
  return f;
}

PolicyFamily make_policies() {
  PolicyFamily f("targets");
  add<TargetPolicy, GivenTargets, NoOptions>(f, {"given", "keeps the given labels", ""});
  add<TargetPolicy, Seccnn, SeccnnOptions>(
      f, {"seccnn", "trusts the given label with a probability that decays, else the network's own prediction",
          "Liu et al., FG 2017"});
  return f;
}

TrustFamily make_estimators() {
  TrustFamily f("trust");
  add<TrustEstimator, NoTrust, NoOptions>(f, {"none", "trusts every label", ""});
  return f;
}

}  // namespace

const LossFamily& loss_family() {
  static const LossFamily family = make_losses();
  return family;
}

const PolicyFamily& policy_family() {
  static const PolicyFamily family = make_policies();
  return family;
}

const TrustFamily& trust_family() {
  static const TrustFamily family = make_estimators();
  return family;
}

}  // namespace winnow
