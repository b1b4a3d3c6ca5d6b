#include "losses/given.h"
#include "losses/mixture_trust.h"
#include "losses/no_trust.h"
#include "losses/prism.h"
#include "losses/ranked_trust.h"
#include "losses/refine.h"
#include "losses/register.h"
#include "losses/seccnn.h"
#include "losses/small_loss.h"
#include "losses/soft_correction.h"

namespace winnow {

void register_policies(PolicyFamily& f) {
  add_policy<GivenTargets, NoOptions>(f, {.name = "given",
                                          .summary = "keeps the given labels",
                                          .paper = "",
                                          .formula = "t = y",
                                          .noise = "whatever the loss or the trust estimator bears"});
  add_policy<Seccnn, SeccnnOptions>(
      f, {.name = "seccnn",
          .summary = "trusts the given label with a probability that decays, else the network's own prediction",
          .paper = "Liu et al., FG 2017",
          .formula = "t = y with probability P(t), else yhat",
          .noise = "symmetric and asymmetric flips at an unknown rate; gated also open-set"});
  add_policy<Selc, SelcOptions>(f, {.name = "selc",
                                    .summary = "each picture's label moves towards its average prediction",
                                    .paper = "Lu and He, IJCAI 2022",
                                    .formula = "q <- decay q + (1-decay) p from start on, q = e_y at first",
                                    .noise = "symmetric and asymmetric flips at an unknown rate"});
  add_policy<ProSelfLc, ProSelfLcOptions>(
      f, {.name = "proselflc",
          .summary = "mixes in the prediction as training goes on, for confident pictures",
          .paper = "Wang et al., CVPR 2021",
          .formula = "(1-eps) e_y + eps p, eps = g(t) (1 - H(p) / log C)",
          .noise = "symmetric and asymmetric flips at an unknown rate"});
  add_policy<JointOptimization, JointOptions>(
      f, {.name = "joint",
          .summary = "labels become average predictions, with balance and entropy terms",
          .paper = "Tanaka et al., CVPR 2018",
          .formula = "average p from start on, + balance KL(uniform to mean p) + entropy H(p)",
          .noise = "symmetric flips up to about 70 %; needs a high learning rate"});
  add_policy<SmallLoss, SmallLossOptions>(f, {.name = "small_loss",
                                              .summary = "keeps the small losses of a batch, drops the others",
                                              .paper = "Han et al., NeurIPS 2018",
                                              .formula = "weight 1 for the 1 - R min(1, t/ramp) smallest, else 0",
                                              .noise = "flips at a known rate, or one that a trust estimator finds"});
  add_policy<Refine, RefineOptions>(
      f, {.name = "refine",
          .summary = "mixes the given label with the network's (or its weight EMA's) prediction by trust",
          .paper = "Li et al., ICLR 2020 (co-refinement), here with one network",
          .formula = "q = t e_y + (1 - t) p where max p >= confidence, else e_y with weight t",
          .noise = "closed-set flips at an unknown rate, with a trust estimator"});
}

void register_estimators(TrustFamily& f) {
  add_estimator<NoTrust, NoOptions>(f, {.name = "none",
                                        .summary = "trusts every label",
                                        .paper = "",
                                        .formula = "trust = 1",
                                        .noise = "clean labels, or a loss that bears wrong ones"});
  add_estimator<MixtureTrust, MixtureTrustOptions>(
      f, {.name = "mixture",
          .summary = "two-component mixture over each picture's class-centre margin or loss, guarded by its separation",
          .paper = "Li et al., ICLR 2020 (loss); margin score and guard: winnow",
          .formula = "trust = P(high given the running mean of z c_y - max_k z c_k), 1 while d' < separation",
          .noise = "closed-set and open-set at an unknown rate, up to about 60 %"});
  add_estimator<Prism, PrismOptions>(
      f, {.name = "prism",
          .summary = "similarity to class centres of a bank of trusted embeddings, at a rate it is told",
          .paper = "Liu et al., CVPR 2021",
          .formula = "trust = 1 where exp(c_y z) / sum_k exp(c_k z) is above the running rate-quantile",
          .noise = "closed-set and open-set at a known rate, for pair losses"});
  add_estimator<O2u, O2uOptions>(f, {.name = "o2u",
                                     .summary = "ranks pictures by mean loss over training, drops the top at a rate",
                                     .paper = "Huang et al., ICCV 2019",
                                     .formula = "trust = 0 for the rate largest mean centred losses, after start",
                                     .noise = "flips at a known rate"});
  add_estimator<ConfidentTrust, ConfidentOptions>(
      f, {.name = "confident",
          .summary = "confident learning on running predictions, pruned by class at each epoch",
          .paper = "Northcutt et al., JAIR 2021",
          .formula = "t_j = mean q_j of label j; prune the class's confident-other share by smallest own q",
          .noise = "flips between classes at an unknown rate, read early"});
}

}  // namespace winnow
