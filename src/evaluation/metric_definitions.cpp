#include "src/evaluation/metric_variant.h"

namespace winnow {

const std::vector<MetricDefinition>& metric_definitions() {
  using K = MetricKind;
  static const std::vector<MetricDefinition> out = {
      {K::kHit, "recall@K", "1 if any of the first K is relevant, else 0",
       "not a true recall: recall@K.true is the share of all relevant items that is found. Also called hit@K, CMC@K",
       "Recall@K of CUB, Cars, SOP, In-Shop, iNaturalist; CMC of re-identification"},
      {K::kRecallTrue, "recall@K.true", "h(K-1) / R", "recall@K of metric learning is 1 after a single hit",
       "information retrieval; DELF's mR@K"},
      {K::kPrecision, "precision@K", "h(K-1) / K",
       "the denominator is always K, even where R < K: precision@K.oml divides by min(K, R), mp@K.rop by min(K, last "
       "positive rank)",
       "information retrieval"},
      {K::kPrecisionOml, "precision@K.oml", "h(K-1) / min(K, R)", "precision@K cannot reach 1 where R < K",
       "open-metric-learning"},
      {K::kMpRop, "mp@K.rop", "with kq = min(K, 1-based rank of the last positive): h(kq-1) / kq",
       "not plain precision@K; cannot be had from a list cut before the last positive",
       "Revisited Oxford and Paris (mP@K)"},
      {K::kMapAtR, "map@r", "(1/R) sum over i < R of rel[i] P(i)", "cut at R of each query; never above r_precision",
       "pytorch-metric-learning; Musgrave et al. 2020"},
      {K::kRPrecision, "r_precision", "h(R-1) / R", "precision@K with K = R of each query", "pytorch-metric-learning"},
      {K::kApFinite, "ap.finite", "(1/R) sum over all i of rel[i] P(i)",
       "ap.trapezoid is never above it; scikit-learn's value differs where scores tie",
       "scikit-learn, torchreid, fast-reid, Holidays"},
      {K::kApTrapezoid, "ap.trapezoid",
       "(1/R) sum over hits j at rank r of (p0 + p1) / 2, p0 = j / r (1 at r = 0), p1 = (j+1) / (r+1)",
       "the area under precision-recall by trapezoids; R counts positives missing from the list too",
       "Oxford, Paris, Revisited Oxford and Paris, Market-1501's Matlab code, PyRetri"},
      {K::kApDelf, "ap.delf", "the sum of ap.trapezoid, divided by the number of positives found",
       "equals ap.trapezoid for a whole ranking; higher for a cut list, as missing positives are forgotten",
       "TensorFlow DELF revisited_op"},
      {K::kMapGldv2, "map@K.gldv2", "sum over i < K of rel[i] P(i), divided by min(R, K)",
       "map@K.R divides by R, map@K.hits by the hits found: a single hit at rank 5 of R = 2 gives 0.1 here, 0.2 there",
       "Google Landmarks v2 (K = 100)"},
      {K::kMapCutR, "map@K.R", "sum over i < K of rel[i] P(i), divided by R", "cannot reach 1 where R > K",
       "pytorch-metric-learning with a finite k"},
      {K::kMapHits, "map@K.hits", "sum over i < K of rel[i] P(i), divided by h(K-1); 0 without a hit",
       "forgets positives that are not found, so it rewards short lists of hits",
       "open-metric-learning; torchmetrics with top_k; hashing papers (mAP@5000)"},
      {K::kMrr, "mrr", "1 / (1-based rank of the first relevant item)", "", "pytorch-metric-learning"},
      {K::kInp, "inp", "R / (1-based rank of the last relevant item)", "its mean is mINP", "fast-reid"},
      {K::kUkb, "ukb.ns", "relevant items among the first 4, the query itself counted; 4 is perfect",
       "the query stays in its own ranking", "UKBench"},
      {K::kPurity, "knn_purity@K", "mean over k = 1..K of h(k-1) / k",
       "published as \"MAP@100\" although it is no average precision", "PRISM (K = 100)"},
  };
  return out;
}

}  // namespace winnow
