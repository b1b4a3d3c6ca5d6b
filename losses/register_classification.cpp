#include "losses/apl.h"
#include "losses/bounded.h"
#include "losses/cross_entropy.h"
#include "losses/elr.h"
#include "losses/normalized_softmax.h"
#include "losses/pencil.h"
#include "losses/random_partners.h"
#include "losses/register_formula.h"
#include "losses/softened.h"
#include "losses/sop.h"
#include "losses/transition.h"

namespace winnow {
namespace {

constexpr const char* kSymmetric = "symmetric flips at an unknown rate";
constexpr const char* kMost = "symmetric flips up to about 60 %, open-set; told nothing";

void register_bounded(LossFamily& f) {
  add_formula<MaeOptions>(f, "mean absolute error of the probabilities; needs few classes", "Ghosh et al., AAAI 2017",
                          "1 - p_y", "symmetric flips, few classes");
  add_formula<GceOptions>(f, "generalised cross entropy, between cross entropy and MAE",
                          "Zhang and Sabuncu, NeurIPS 2018", "(1 - p_y^q) / q", kSymmetric);
  add_formula<TruncatedGceOptions>(f, "generalised cross entropy that leaves improbable labels out",
                                   "Zhang and Sabuncu, NeurIPS 2018", "(1 - p_y^q) / q where p_y > k, else constant",
                                   kSymmetric);
  add_formula<RceOptions>(f, "reverse cross entropy, MAE times -log of the clamp", "Wang et al., ICCV 2019",
                          "A (1 - p_y), A = -log label_floor", "symmetric flips, few classes");
  add_formula<SceOptions>(f, "symmetric cross entropy: cross entropy and its reverse", "Wang et al., ICCV 2019",
                          "alpha (-log p_y) + beta A (1 - p_y)", kSymmetric);
  add_formula<TaylorOptions>(f, "cross entropy cut after some terms of its series", "Feng et al., IJCAI 2020",
                             "sum_{i=1..terms} (1 - p_y)^i / i", kSymmetric);
  add_formula<AgceOptions>(f, "asymmetric generalised cross entropy", "Zhou et al., ICML 2021",
                           "((a+1)^q - (a+p_y)^q) / q", kSymmetric);
  add_formula<AulOptions>(f, "asymmetric unhinged loss", "Zhou et al., ICML 2021", "((a-p_y)^q - (a-1)^q) / q",
                          kSymmetric);
  add_formula<AelOptions>(f, "asymmetric exponential loss", "Zhou et al., ICML 2021", "exp(-p_y / a)", kSymmetric);
}

void register_apl(LossFamily& f) {
  const char *ma = "Ma et al., ICML 2020", *zhou = "Zhou et al., ICML 2021";
  add_formula<NceOptions>(f, "normalised cross entropy, the active half of APL", ma, "log p_y / sum_k log p_k", kMost);
  add_formula<NflOptions>(f, "normalised focal loss, the active half of APL", ma,
                          "F_y / sum_k F_k, F_k = (1-p_k)^gamma (-log p_k)", kMost);
  add_formula<AplOptions>(f, "any active loss with any passive one, weights by the number of classes", ma,
                          "alpha active + beta passive", kMost);
  add_formula<NceRceOptions>(f, "normalised with reverse cross entropy: the best single drop-in of our measurements",
                             ma, "alpha NCE + beta A (1 - p_y)", kMost);
  add_formula<NceMaeOptions>(f, "normalised cross entropy with MAE", ma, "alpha NCE + beta (1 - p_y)", kMost);
  add_formula<NflRceOptions>(f, "normalised focal loss with reverse cross entropy", ma, "alpha NFL + beta A (1 - p_y)",
                             kMost);
  add_formula<NflMaeOptions>(f, "normalised focal loss with MAE", ma, "alpha NFL + beta (1 - p_y)", kMost);
  add_formula<NceAgceOptions>(f, "normalised with asymmetric generalised cross entropy", zhou,
                              "alpha NCE + beta ((a+1)^q - (a+p_y)^q) / q", kMost);
  add_formula<NceAulOptions>(f, "normalised cross entropy with the asymmetric unhinged loss", zhou,
                             "alpha NCE + beta ((a-p_y)^q - (a-1)^q) / q", kMost);
  add_formula<NceAelOptions>(f, "normalised cross entropy with the asymmetric exponential loss", zhou,
                             "alpha NCE + beta exp(-p_y / a)", kMost);
}

void register_softened(LossFamily& f) {
  add_formula<LabelSmoothingOptions>(f, "label smoothing, also with a negative rate",
                                     "Szegedy et al., CVPR 2016; Wei et al., ICML 2022",
                                     "(1-r) (-log p_y) + r mean_k(-log p_k)", "low noise; a negative rate high noise");
  add_formula<FocalOptions>(f, "focal loss: easy pictures weigh less", "Lin et al., ICCV 2017",
                            "(1-p_y)^gamma (-log p_y)", "clean labels; hard wrong ones weigh more");
  add_formula<BootstrapSoftOptions>(f, "target mixed with the network's own distribution", "Reed et al., ICLR-W 2015",
                                    "-sum_k (beta e_k + (1-beta) p_k) log p_k", "low symmetric noise");
  add_formula<BootstrapHardOptions>(f, "target mixed with the predicted class", "Reed et al., ICLR-W 2015",
                                    "beta (-log p_y) + (1-beta) (-log max_k p_k)", "low symmetric noise");
  add_formula<EpsSoftmaxOptions>(f, "softmax pushed towards its largest class, with MAE", "Wang et al., NeurIPS 2024",
                                 "alpha (-log p'_y) + beta (1 - p_y), p' = (p + m e_yhat) / (1 + m)",
                                 "symmetric (m 1e4) and asymmetric (m 1e2) flips");
  add_formula<LogitClipOptions>(f, "cross entropy of scores of bounded length", "Wei et al., ICML 2023",
                                "-log p_y with o = tau o / norm(o) where norm(o) > tau", kSymmetric);
  add_formula<CoresOptions>(f, "confidence regularised cross entropy with a sieve", "Cheng et al., ICLR 2021",
                            "CE_y - beta(t) mean_k CE_k, only where CE_y <= mean_k CE_k",
                            "flips that depend on the picture, at an unknown rate");
  add_formula<PeerLossOptions>(f, "cross entropy less that of random pairs of pictures and labels",
                               "Liu and Guo, ICML 2020", "CE(x_i, y_i) - alpha(t) CE(x_j, y_k)", kSymmetric);
  add_formula<NlnlOptions>(f, "negative learning: the picture is not of a random other class", "Kim et al., ICCV 2019",
                           "-log(1 - p_c), c != y drawn", "symmetric flips, few classes");
}

void register_stateful(LossFamily& f) {
  const auto transition = [&](const char* name) {
    return EntryInfo{.name = name, .summary = "", .paper = "Patrini et al., CVPR 2017"};
  };
  auto forward = transition("forward"), backward = transition("backward");
  forward.summary = "forward correction by a transition matrix: symmetric, from a file or from anchors";
  forward.formula = "-log (p T)_y, T_ij = P(given j, true i)";
  backward.summary = "backward correction by the inverse of a transition matrix; unbiased, unstable";
  backward.formula = "row y of T^-1 times (-log p)";
  forward.noise = backward.noise = "flips between classes by a known or estimated matrix";
  add_loss<ForwardCorrection, ForwardOptions>(f, std::move(forward));
  add_loss<BackwardCorrection, BackwardOptions>(f, std::move(backward));
  add_loss<Elr, ElrOptions>(f, {.name = "elr",
                                .summary = "early-learning regularisation; dense, sparse or class-centre memory",
                                .paper = "Liu et al., NeurIPS 2020",
                                .formula = "-log p_y + lambda log(1 - <q, p>), q the average early prediction",
                                .noise = "symmetric and asymmetric flips at an unknown rate, 40 epochs or more"});
  add_loss<Sop, SopOptions>(f, {.name = "sop",
                                .summary = "sparse over-parametrisation: variables for each picture learn its noise",
                                .paper = "Liu et al., ICML 2022",
                                .formula = "CE of p + u^2 e_y - v^2 (1-e_y) with y, and its squared error",
                                .noise = "symmetric and asymmetric flips at an unknown rate, many epochs"});
  add_loss<Pencil, PencilOptions>(f, {.name = "pencil",
                                      .summary = "label distributions that are trained with the network",
                                      .paper = "Yi and Wu, CVPR 2019",
                                      .formula = "KL(p to d) + alpha CE(d, y) + beta H(p), d trained",
                                      .noise = "symmetric and asymmetric flips at an unknown rate, many epochs"});
}

}  // namespace

void register_classification_losses(LossFamily& f) {
  add_loss<CrossEntropy, CrossEntropyOptions>(
      f, {.name = "cross_entropy",
          .summary = "softmax over a linear head on the raw embedding, optional label smoothing",
          .paper = "Szegedy et al., CVPR 2016",
          .formula = "(1-r) (-log p_y) + r mean_k(-log p_k), o = W f + b",
          .noise = "clean labels; memorises wrong ones"});
  add_loss<NormalizedSoftmax, NormalizedSoftmaxOptions>(f,
                                                        {.name = "normalized_softmax",
                                                         .summary = "softmax over scaled cosines, no margin (NormFace)",
                                                         .paper = "Wang et al., ACM MM 2017; Zhai and Wu, BMVC 2019",
                                                         .formula = "-log p_y, o = scale cos",
                                                         .noise = "clean labels; memorises wrong ones"});
  register_bounded(f);
  register_apl(f);
  register_softened(f);
  register_stateful(f);
}

}  // namespace winnow
