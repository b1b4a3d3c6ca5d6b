#include "losses/angular.h"
#include "losses/circle.h"
#include "losses/contrastive.h"
#include "losses/dynamic_soft_margin.h"
#include "losses/fastap.h"
#include "losses/generalized_lifted.h"
#include "losses/histogram.h"
#include "losses/intra_pair_variance.h"
#include "losses/lifted.h"
#include "losses/margin_loss.h"
#include "losses/multi_similarity.h"
#include "losses/nca.h"
#include "losses/npair.h"
#include "losses/ntxent.h"
#include "losses/pnp.h"
#include "losses/ranked_list.h"
#include "losses/register_finished.h"
#include "losses/smooth_ap.h"
#include "losses/snr_contrastive.h"
#include "losses/supcon.h"
#include "losses/threshold_consistent.h"
#include "losses/triplet.h"
#include "losses/tuplet_margin.h"
#include "losses/vicreg.h"

namespace winnow {
namespace {

void register_pair_losses(LossFamily& f) {
  add_finished<Contrastive, ContrastiveOptions>(
      f, {.name = "contrastive",
          .summary = "pairs by cosine, optionally against a cross-batch memory (XBM, MCL)",
          .paper = "Hadsell et al., CVPR 2006; Wang et al., CVPR 2020",
          .formula = "pos_margin - S below pos_margin for positives, S above neg_margin for negatives, summed for "
                     "each anchor",
          .noise = "clean labels; with a memory only behind a trust estimator"});
  add_finished<SnrContrastive, SnrContrastiveOptions, WithNonzero>(
      f, {.name = "snr_contrastive",
          .summary = "contrastive on the signal-to-noise ratio of pairs",
          .paper = "Yuan et al., CVPR 2019",
          .formula = "[d - pos_margin]+, [neg_margin - d]+, d = var(z_i - z_j) / var(z_i)",
          .noise = "clean labels, or behind a trust estimator"});
  add_finished<ThresholdConsistent, ThresholdConsistentOptions>(
      f, {.name = "threshold_consistent",
          .summary = "puts the thresholds of all classes at one place; goes beside another loss",
          .paper = "Zhang et al., ICLR 2024",
          .formula = "mean of pos_margin - S over positives below it, and of S - neg_margin over negatives above it",
          .noise = "clean labels, or behind a trust estimator"});
  add_finished<IntraPairVariance, IntraPairVarianceOptions>(
      f, {.name = "intra_pair_variance",
          .summary = "narrows the spread of the cosines of pairs; goes beside another loss",
          .paper = "Chen et al., 2019",
          .formula = "[(1 - pos_eps) mean S_p - S_p]+^2, [S_n - (1 + neg_eps) mean S_n]+^2",
          .noise = "clean labels, or behind a trust estimator"});
  add_finished<VicReg, VicRegOptions>(
      f,
      {.name = "vicreg",
       .summary = "draws positives together while coordinates keep their spread and stay uncorrelated",
       .paper = "Bardes et al., ICLR 2022",
       .formula = "invariance |x_a - x_p|^2 / D + variance mean_d [1 - std_d]+ + covariance sum_{i != j} cov_ij^2 / D",
       .noise = "no negatives, so no wrong ones"});
}

void register_tuple_losses(LossFamily& f) {
  add_finished<Triplet, TripletOptions, WithNonzero>(
      f, {.name = "triplet",
          .summary = "triplets of Euclidean distances, with nine miners",
          .paper = "Schroff et al., CVPR 2015; Hermans et al., 2017",
          .formula = "[d_ap - d_an + margin]+",
          .noise = "clean labels; the miner batch_hard picks wrong labels almost by construction"});
  add_finished<MarginLoss, MarginLossOptions>(
      f, {.name = "margin",
          .summary = "triplets against a boundary that may be learned, with nine miners",
          .paper = "Wu et al., ICCV 2017",
          .formula = "[d_ap - beta + margin]+ + [beta - d_an + margin]+, divided by the terms above 0",
          .noise = "clean labels, or behind a trust estimator"});
  add_finished<DynamicSoftMargin, DynamicSoftMarginOptions>(
      f, {.name = "dynamic_soft_margin",
          .summary = "triplets weighted by the running share of easier ones",
          .paper = "Zhang and Rusinkiewicz, ICCV 2019",
          .formula = "CDF(x) x, x = d_ap - d_an",
          .noise = "clean labels; stresses hard triplets"});
  add_finished<NPair, NPairOptions>(f, {.name = "npair",
                                        .summary = "one positive pair a class, softmax over the classes of the batch",
                                        .paper = "Sohn, NIPS 2016",
                                        .formula = "-log e^{x_a x_p} / sum_c e^{x_a x_c}",
                                        .noise = "clean labels, or behind a trust estimator"});
  add_finished<Angular, AngularOptions>(
      f, {.name = "angular",
          .summary = "bounds the angle at the negative of a triplet",
          .paper = "Wang et al., ICCV 2017",
          .formula = "log(1 + sum_n e^{4 tan^2(angle) (a + p) n - 2 (1 + tan^2(angle)) a p})",
          .noise = "clean labels, or behind a trust estimator"});
  add_finished<TupletMargin, TupletMarginOptions>(
      f, {.name = "tuplet_margin",
          .summary = "each positive pair against all negatives, with slack on its angle",
          .paper = "Yu and Tao, ICCV 2019",
          .formula = "log(1 + sum_n e^{scale (S_n - cos(theta_p - margin))})",
          .noise = "clean labels, or behind a trust estimator"});
  add_finished<NtXent, NtXentOptions>(f, {.name = "ntxent",
                                          .summary = "each positive pair against the anchor's negatives (InfoNCE)",
                                          .paper = "van den Oord et al., 2018; Chen et al., ICML 2020",
                                          .formula = "-log e^{S_p/T} / (e^{S_p/T} + sum_n e^{S_n/T})",
                                          .noise = "clean labels, or behind a trust estimator"});
  add_finished<Lifted, LiftedOptions>(f, {.name = "lifted",
                                          .summary = "each positive pair against the negatives of both its ends",
                                          .paper = "Oh Song et al., CVPR 2016",
                                          .formula = "[log sum_n (e^{m - d_an} + e^{m - d_pn}) + d_ap]+^2 / 2",
                                          .noise = "clean labels, or behind a trust estimator"});
}

void register_set_losses(LossFamily& f) {
  add_finished<GeneralizedLifted, GeneralizedLiftedOptions>(
      f, {.name = "generalized_lifted",
          .summary = "all positives of an anchor against all its negatives",
          .paper = "Hermans et al., 2017",
          .formula = "[log sum_p e^{d_ap} + log sum_n e^{m - d_an}]+",
          .noise = "clean labels, or behind a trust estimator"});
  add_finished<MultiSimilarity, MultiSimilarityOptions>(
      f, {.name = "multi_similarity",
          .summary = "soft sums over an anchor's positives and negatives, with its miner",
          .paper = "Wang et al., CVPR 2019",
          .formula = "log(1 + sum_p e^{-alpha (S - base)}) / alpha + log(1 + sum_n e^{beta (S - base)}) / beta",
          .noise = "clean labels; the miner prefers wrong ones"});
  add_finished<SupCon, SupConOptions, WithNonzero>(f, {.name = "supcon",
                                                       .summary = "softmax of an anchor's positives over all others",
                                                       .paper = "Khosla et al., NeurIPS 2020",
                                                       .formula = "-mean_p (S_p/T - log sum_{a != i} e^{S_a/T})",
                                                       .noise = "clean labels, or behind a trust estimator"});
  add_finished<Circle, CircleOptions, WithNonzero>(
      f, {.name = "circle",
          .summary = "soft sums over an anchor's positives and negatives, each with its own pace",
          .paper = "Sun et al., CVPR 2020",
          .formula = "log(1 + sum_n e^{gamma a_n (S_n - m)} sum_p e^{-gamma a_p (S_p - 1 + m)})",
          .noise = "clean labels only: breaks first"});
  add_finished<Nca, NcaOptions>(f, {.name = "nca",
                                    .summary = "probability that a stochastic neighbour has the same label",
                                    .paper = "Goldberger et al., NIPS 2004",
                                    .formula = "-log sum_p e^{-scale d^2} / sum_{j != i} e^{-scale d^2}",
                                    .noise = "clean labels, or behind a trust estimator"});
  add_finished<FastAp, FastApOptions>(f, {.name = "fastap",
                                          .summary = "average precision from soft histograms of distances",
                                          .paper = "Cakir et al., CVPR 2019",
                                          .formula = "1 - 1/n+ sum_l h+_l H+_l / H_l",
                                          .noise = "degrades slowly"});
  add_finished<SmoothAp, SmoothApOptions>(
      f, {.name = "smooth_ap",
          .summary = "average precision with ranks through sigmoids",
          .paper = "Brown et al., ECCV 2020",
          .formula = "1 - mean_k rank(k in P) / rank(k), rank by sigmoid((S_j - S_k) / T)",
          .noise = "degrades slowly"});
  add_finished<RankedList, RankedListOptions>(
      f, {.name = "ranked_list",
          .summary = "weighted means over an anchor's violating positives and negatives",
          .paper = "Wang et al., CVPR 2019",
          .formula = "(1 - l) wmean_{d_p > alpha - m} (d_p - alpha + m) + l wmean_{d_n < alpha} (alpha - d_n)",
          .noise = "clean labels, or behind a trust estimator"});
  add_finished<Pnp, PnpOptions>(f, {.name = "pnp",
                                    .summary = "penalises the number of negatives before each positive",
                                    .paper = "Li et al., AAAI 2022",
                                    .formula = "mean_k F(sum_n sigmoid((S_n - S_k) / T))",
                                    .noise = "degrades slowly with variant Dq, which bounds a picture's loss"});
  add_finished<Histogram, HistogramOptions>(f, {.name = "histogram",
                                                .summary = "overlap of the histograms of positive and negative cosines",
                                                .paper = "Ustinova and Lempitsky, NIPS 2016",
                                                .formula = "sum_r h-_r sum_{q <= r} h+_q",
                                                .noise = "degrades slowly"});
}

}  // namespace

void register_metric_losses(LossFamily& f) {
  register_pair_losses(f);
  register_tuple_losses(f);
  register_set_losses(f);
}

}  // namespace winnow
