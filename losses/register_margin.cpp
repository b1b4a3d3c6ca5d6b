#include "losses/adaface.h"
#include "losses/arcface.h"
#include "losses/boundaryface.h"
#include "losses/combined_margin.h"
#include "losses/cosface.h"
#include "losses/curricularface.h"
#include "losses/elasticface.h"
#include "losses/instance.h"
#include "losses/magface.h"
#include "losses/noise_tolerant.h"
#include "losses/p2sgrad.h"
#include "losses/partial_fc.h"
#include "losses/proxy_anchor.h"
#include "losses/proxy_nca.h"
#include "losses/register_finished.h"
#include "losses/sface.h"
#include "losses/soft_triple.h"
#include "losses/sphereface.h"
#include "losses/subcentre_arcface.h"

namespace winnow {
namespace {

void register_plain_margins(LossFamily& f) {
  add_finished<ArcFace, ArcFaceOptions>(f, {.name = "arcface",
                                            .summary = "cosine softmax with an additive angular margin",
                                            .paper = "Deng et al., CVPR 2019",
                                            .formula = "-log p_y with o_y = scale cos(theta_y + margin)",
                                            .noise = "clean labels; the margin makes wrong ones harder to fit"});
  add_finished<CosFace, CosFaceOptions>(f, {.name = "cosface",
                                            .summary = "cosine softmax with an additive margin on the cosine",
                                            .paper = "Wang et al., CVPR 2018",
                                            .formula = "-log p_y with o_y = scale (cos(theta_y) - margin)",
                                            .noise = "clean labels; the margin makes wrong ones harder to fit"});
  add_finished<CombinedMargin, CombinedMarginOptions>(
      f, {.name = "combined_margin",
          .summary = "cosine softmax with margins on angle, factor of the angle and cosine",
          .paper = "Deng et al., TPAMI 2021",
          .formula = "-log p_y with o_y = scale (cos(m1 theta_y + m2) - m3)",
          .noise = "clean labels"});
  add_finished<SphereFace, SphereFaceOptions>(
      f,
      {.name = "sphereface",
       .summary = "multiplicative angular margin, blended in over the steps",
       .paper = "Liu et al., CVPR 2017",
       .formula = "-log p_y with o_y = ((-1)^k cos(m theta_y) - 2k) times the norm of the embedding, blended with cos",
       .noise = "clean labels"});
  add_finished<LargeMarginSoftmax, LargeMarginSoftmaxOptions>(
      f, {.name = "large_margin_softmax",
          .summary = "multiplicative angular margin on inner products",
          .paper = "Liu et al., ICML 2016",
          .formula = "as sphereface, times the norms of the class vectors too",
          .noise = "clean labels"});
  add_finished<PartialFc, PartialFcOptions>(
      f, {.name = "partial_fc",
          .summary = "arcface or cosface against a random share of the classes, drawn anew each step",
          .paper = "An et al., CVPR 2022",
          .formula = "-log of the softmax over y and the classes drawn, margin on y",
          .noise = "classes that are one thing under two names; very many classes"});
}

void register_adaptive_margins(LossFamily& f) {
  add_finished<AdaFace, AdaFaceOptions>(
      f, {.name = "adaface",
          .summary = "margin that follows picture quality, read from the norm of the embedding",
          .paper = "Kim et al., CVPR 2022",
          .formula = "-log p_y with psi = cos(theta_y - m g) - (m + m g), g = clip(h (norm - mean) / std, -1, 1)",
          .noise = "poor pictures, not wrong labels"});
  add_finished<MagFace, MagFaceOptions>(
      f, {.name = "magface",
          .summary = "margin that grows with the norm of the embedding, and a term that draws norms up",
          .paper = "Meng et al., CVPR 2021",
          .formula = "-log p_y with o_y = scale cos(theta_y + m(a)), plus norm_weight (a / high_norm^2 + 1 / a)",
          .noise = "poor pictures, not wrong labels"});
  add_finished<CurricularFace, CurricularFaceOptions>(
      f, {.name = "curricularface",
          .summary = "arcface that makes hard other classes heavier as training goes on",
          .paper = "Huang et al., CVPR 2020",
          .formula = "arcface with cos_j (t + cos_j) for the j whose cosine exceeds psi, t the running mean of cos_y",
          .noise = "clean labels only; stresses wrong ones (a control)"});
  add_finished<ElasticFace, ElasticFaceOptions>(
      f, {.name = "elasticface",
          .summary = "arcface or cosface with a margin drawn for each picture and step",
          .paper = "Boutros et al., CVPRW 2022",
          .formula = "-log p_y, margin ~ N(margin, deviation)",
          .noise = "clean labels"});
}

void register_tolerant_margins(LossFamily& f) {
  add_finished<SubCentreArcFace, SubCentreArcFaceOptions>(
      f, {.name = "subcentre_arcface",
          .summary = "arcface with several vectors a class; pictures far from the dominant one can be dropped",
          .paper = "Deng et al., ECCV 2020",
          .formula = "arcface with cos_j = max_k w_jk z",
          .noise = "strangers in a class (open set); at 50 % label flips worse than arcface in the paper's tables"});
  add_finished<SFace, SFaceOptions>(
      f,
      {.name = "sface",
       .summary = "no softmax; sigmoid gates decide how hard pictures are pulled and pushed",
       .paper = "Zhong et al., TIP 2021",
       .formula =
           "-scale g(slope (theta_y - a)) cos_y + scale sum_j g(slope (b - theta_j)) cos_j, gates g without gradient",
       .noise = "wrong labels and poor pictures"});
  add_finished<NoiseTolerant, NoiseTolerantOptions>(
      f, {.name = "noise_tolerant",
          .summary = "arcface weighted by the histogram of recent cosines (NoiseFace)",
          .paper = "Hu et al., CVPR 2019",
          .formula = "w(cos_y) arcface, w from all pictures to easy ones to semi-hard ones as training goes on",
          .noise = "label flips and strangers; needs no noise rate"});
  add_finished<BoundaryFace, BoundaryFaceOptions>(
      f, {.name = "boundaryface",
          .summary = "arcface that rewrites the labels of pictures beyond another class's boundary",
          .paper = "Wu and Gong, ECCV 2022",
          .formula = "arcface with y <- j if cos(theta_j + m) > cos(theta_y), plus hard_weight (max_j cos_j - psi)+",
          .noise = "label flips; rewrites labels by itself, so no target policy that does so too"});
}

void register_proxies(LossFamily& f) {
  add_finished<ProxyNca, ProxyNcaOptions>(
      f, {.name = "proxy_nca",
          .summary = "softmax over squared distances to one proxy a class (ProxyNCA, ProxyNCA++)",
          .paper = "Movshovitz-Attias et al., ICCV 2017; Teh et al., ECCV 2020",
          .formula = "-log e^{-scale d^2(z, p_y)} / sum_j e^{-scale d^2(z, p_j)}",
          .noise = "degrades slowly"});
  add_finished<ProxyAnchor, ProxyAnchorOptions>(
      f,
      {.name = "proxy_anchor",
       .summary = "each class's proxy against the pictures of the batch",
       .paper = "Kim et al., CVPR 2020",
       .formula =
           "mean over P+ of log(1 + sum e^{-alpha (S - margin)}) + mean over P of log(1 + sum e^{alpha (S + margin)})",
       .noise = "clean labels, or behind a trust estimator"});
  add_finished<SoftTriple, SoftTripleOptions>(
      f,
      {.name = "soft_triple",
       .summary = "softmax over several vectors a class, chosen softly",
       .paper = "Qian et al., ICCV 2019",
       .formula = "-log p_y with o_c = scale sum_k softmax_k(cos_ck / gamma) cos_ck, margin on y, plus the merge term",
       .noise = "strangers of one kind in a class (open set)"});
  add_finished<P2sGrad, NoOptions>(f, {.name = "p2sgrad",
                                       .summary = "squared error of the cosines with all classes",
                                       .paper = "Zhang et al., CVPR 2019",
                                       .formula = "mean_j (cos_j - [j = y])^2",
                                       .noise = "clean labels"});
  add_finished<Instance, InstanceOptions>(f, {.name = "instance",
                                              .summary = "every training picture is a class of its own",
                                              .paper = "Zheng et al., ACM TOMM 2020",
                                              .formula = "-log softmax of gamma cos over one vector a picture",
                                              .noise = "any: labels are not used"});
}

}  // namespace

void register_margin_losses(LossFamily& f) {
  register_plain_margins(f);
  register_adaptive_margins(f);
  register_tolerant_margins(f);
  register_proxies(f);
}

}  // namespace winnow
