#!/usr/bin/env python3
"""Compares winnow's losses with pytorch-metric-learning 2.9 (values, embedding gradients, milliseconds).

    python tools/dev/parity_pml.py --bench build/release/bin/bench_parity [--batches 200] [--only supcon,triplet]

Needs a Python with torch and pytorch-metric-learning (a scratch environment, not the one winnow is built with). Both
sides compute in float64 on the same random batches: 24 pictures of 6 classes in 16 dimensions, in turn far apart and in
tight clusters. The figure of a loss is the largest relative difference over all batches; of gradients, the largest
difference over the largest entry. Time: one forward and backward in float32, 64 pictures, 128 dimensions, 10,000 classes
for losses with class vectors, median of several, both sides in turn.
"""
import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from pytorch_metric_learning import distances, losses, miners, reducers, regularizers

CLASSES, DIM, PER_CLASS = 6, 16, 4
TIMED_CLASSES, TIMED_DIM, TIMED_BATCH = 10000, 128, 64


def with_miner(loss, miner):
    return lambda x, y: loss(x, y, miner(x, y))


def weighted(make, name, transposed, centres=1):
    """A loss with class vectors; `name` of the parameter on their side, [C, D] or transposed."""
    return {"make": make, "weight": name, "transposed": transposed, "centres": centres}


def plain(make):
    return {"make": make}


class UnitAngularMiner(torch.nn.Module):
    """The peer's angular miner measures raw embeddings although it asks for normalised ones; here it gets unit ones."""

    def forward(self, x, y):
        return miners.AngularMiner()(torch.nn.functional.normalize(x), y)


class UnitAngularLoss(torch.nn.Module):
    """The peer multiplies unit anchors and positives by raw negatives; here all are unit vectors, as in the paper."""

    def forward(self, x, y):
        return losses.AngularLoss()(torch.nn.functional.normalize(x), y)


class MinedMultiSimilarity(torch.nn.Module):
    """The peer returns 0 when the miner leaves at most one pair of each kind; named twice, the pairs count."""

    def __init__(self):
        super().__init__()
        self.loss, self.miner = losses.MultiSimilarityLoss(), miners.MultiSimilarityMiner()

    def forward(self, x, y):
        return self.loss(x, y, tuple(torch.cat([part, part]) for part in self.miner(x, y)))


class DoubleHistogram(torch.nn.Module):
    """The peer finds the bins in float32; here in float64 like all the rest."""

    def forward(self, x, y):
        kept, torch.Tensor.float = torch.Tensor.float, torch.Tensor.double
        try:
            return losses.HistogramLoss()(x, y)
        finally:
            torch.Tensor.float = kept


class DetachedHistogram(torch.nn.Module):
    """The peer keeps the graph of earlier batches in its histogram; it is cut here, so that a second batch can run."""

    def __init__(self):
        super().__init__()
        self.loss = losses.DynamicSoftMarginLoss()

    def forward(self, x, y):
        self.loss.hist_ = self.loss.hist_.detach()
        return self.loss(x, y)


# Intended: in the peer the gradient also runs through the histogram that weighs the triplets.
VALUES_ONLY = {"dynamic_soft_margin"}
# The peer takes the pictures a class for the number of classes, so it is right only where both are equal: 4 of 4 here.
SQUARE, SQUARE_ROWS = {"smooth_ap"}, 16


def cases():
    def sized(cls, **options):
        return lambda c, d: cls(num_classes=c, embedding_size=d, **options)

    out = {}

    def add(name, loss, peer, **options):
        out[name] = {"loss": dict(name=loss, **options), **peer}

    arc = 28.6 * np.pi / 180
    add("normalized_softmax", "normalized_softmax", weighted(sized(losses.NormalizedSoftmaxLoss), "W", True))
    add("arcface", "arcface", weighted(sized(losses.ArcFaceLoss), "W", True), margin=float(arc))
    add("cosface", "cosface", weighted(sized(losses.CosFaceLoss), "W", True))
    add("subcentre_arcface", "subcentre_arcface",
        weighted(sized(losses.SubCenterArcFaceLoss, sub_centers=3), "W", True, 3), margin=float(arc))
    add("sphereface", "sphereface", weighted(sized(losses.SphereFaceLoss), "W", True), blend=0, least_blend=0)
    add("large_margin_softmax", "large_margin_softmax", weighted(sized(losses.LargeMarginSoftmaxLoss), "W", True),
        blend=0, least_blend=0)
    add("proxy_nca", "proxy_nca", weighted(sized(losses.ProxyNCALoss), "proxies", False), scale=1)
    add("proxy_anchor", "proxy_anchor", weighted(sized(losses.ProxyAnchorLoss), "proxies", False))
    add("soft_triple", "soft_triple", weighted(sized(losses.SoftTripleLoss), "fc", True, 10), merge=0)
    add("p2sgrad", "p2sgrad",
        weighted(lambda c, d: losses.P2SGradLoss(descriptors_dim=d, num_classes=c), "weight", True))
    add("snr_contrastive", "snr_contrastive", plain(losses.SignalToNoiseRatioContrastiveLoss))
    add("triplet", "triplet", plain(losses.TripletMarginLoss))
    add("triplet_soft", "triplet", plain(lambda: losses.TripletMarginLoss(smooth_loss=True)), soft=True)
    add("triplet_swap", "triplet", plain(lambda: losses.TripletMarginLoss(swap=True)), swap=True)
    for kind in ("hard", "semihard", "easy"):
        add("triplet_" + kind, "triplet",
            plain(lambda kind=kind: with_miner(losses.TripletMarginLoss(margin=0.6), miners.TripletMarginMiner(
                margin=0.2, type_of_triplets=kind))), miner=kind, margin=0.6)
    add("triplet_violating", "triplet", plain(lambda: with_miner(losses.TripletMarginLoss(margin=0.6), miners.
        TripletMarginMiner(margin=0.2))), miner="violating", margin=0.6)
    add("triplet_batch_hard", "triplet", plain(lambda: with_miner(losses.TripletMarginLoss(margin=0.6), miners.
        BatchHardMiner())), miner="batch_hard", margin=0.6)
    add("triplet_batch_easy", "triplet", plain(lambda: with_miner(losses.TripletMarginLoss(margin=0.6), miners.
        BatchEasyHardMiner())), miner="batch_easy", margin=0.6)
    add("triplet_angular", "triplet", plain(lambda: with_miner(losses.TripletMarginLoss(margin=0.6), 
        UnitAngularMiner())), miner="angular", margin=0.6)
    add("margin", "margin", plain(losses.MarginLoss))
    add("dynamic_soft_margin", "dynamic_soft_margin", plain(DetachedHistogram))
    add("npair", "npair", plain(losses.NPairsLoss), input="unit")  # 2.9 normalises, 3.0 does not
    add("npair_norm", "npair", plain(lambda: losses.NPairsLoss(
        embedding_regularizer=regularizers.LpRegularizer(), embedding_reg_weight=0.02)),
        input="unit", finish={"embedding_norm": 0.02})
    add("angular", "angular", plain(UnitAngularLoss))
    add("tuplet_margin", "tuplet_margin", plain(losses.TupletMarginLoss))
    add("ntxent", "ntxent", plain(losses.NTXentLoss))
    add("lifted", "lifted", plain(losses.LiftedStructureLoss))
    add("generalized_lifted", "generalized_lifted", plain(losses.GeneralizedLiftedStructureLoss))
    add("multi_similarity", "multi_similarity", plain(losses.MultiSimilarityLoss), miner=False)
    add("multi_similarity_mined", "multi_similarity",
        plain(MinedMultiSimilarity))
    add("supcon", "supcon", plain(losses.SupConLoss))
    add("circle", "circle", plain(losses.CircleLoss))
    add("nca", "nca", plain(losses.NCALoss))
    add("fastap", "fastap", plain(losses.FastAPLoss))
    add("smooth_ap", "smooth_ap", plain(losses.SmoothAPLoss))
    add("ranked_list", "ranked_list", plain(lambda: losses.RankedListLoss(margin=0.4, Tn=10)))
    for variant in ("O", "Ds", "Dq", "Iu", "Ib"):
        add("pnp_" + variant, "pnp", plain(lambda variant=variant: losses.PNPLoss(variant=variant)), variant=variant)
    add("histogram", "histogram", plain(DoubleHistogram))
    add("intra_pair_variance", "intra_pair_variance", plain(losses.IntraPairVarianceLoss))
    add("threshold_consistent", "threshold_consistent", plain(losses.ThresholdConsistentMarginLoss))
    add("ntxent_per_anchor", "ntxent", plain(lambda: losses.NTXentLoss(reducer=reducers.PerAnchorReducer())),
        finish={"reducer": "per_anchor"})
    add("lifted_threshold", "lifted", plain(lambda: losses.LiftedStructureLoss(
        reducer=reducers.ThresholdReducer(low=1.0, high=6.0))), finish={"reducer": "threshold", "low": 1.0, "high": 6.0})
    add("cosface_weights", "cosface", weighted(sized(
        losses.CosFaceLoss, weight_regularizer=regularizers.RegularFaceRegularizer(), weight_reg_weight=0.5), "W", True),
        finish={"spread": 0.5})
    add("cosface_equal_norm", "cosface", weighted(sized(
        losses.CosFaceLoss, weight_regularizer=regularizers.CenterInvariantRegularizer(), weight_reg_weight=0.5), "W",
        True), finish={"equal_norm": 0.5})
    add("ntxent_zero_mean", "ntxent", plain(lambda: losses.NTXentLoss(
        embedding_regularizer=regularizers.ZeroMeanRegularizer(), embedding_reg_weight=0.5)), finish={"zero_mean": 0.5})
    return out


def random_batches(count, seed):
    rng = np.random.default_rng(seed)
    x = np.empty((count, CLASSES * PER_CLASS, DIM))
    y = np.tile(np.repeat(np.arange(CLASSES), PER_CLASS), (count, 1)).astype(np.int64)
    for i in range(count):
        spread = (0.2, 0.5, 1.0, 3.0)[i % 4]
        x[i] = rng.normal(size=(CLASSES, DIM))[y[i]] + spread * rng.normal(size=x[i].shape)
        x[i] *= rng.uniform(0.5, 2.0, size=(len(x[i]), 1))
    return x, y


def peer_of(case, classes, dim):
    return case["make"](classes, dim) if "weight" in case else case["make"]()


def peer_results(case, x, y, weight):
    torch.set_default_dtype(torch.float64)  # some peers make their results by torch.zeros()
    loss = peer_of(case, CLASSES, DIM)
    if "weight" in case:
        loss = loss.double()
        with torch.no_grad():
            w = torch.from_numpy(weight)
            getattr(loss, case["weight"]).copy_(w.t() if case["transposed"] else w)
    values, gradients = [], []
    for batch, labels in zip(x, y):
        raw = torch.tensor(batch, requires_grad=True)
        value = loss(raw, torch.from_numpy(labels)).sum()
        if value.requires_grad:
            value.backward()
        values.append(value.item())
        gradients.append(np.zeros(batch.size) if raw.grad is None else raw.grad.numpy().ravel())
    return np.array(values), np.array(gradients)


def milliseconds(case, x, y, repeats):
    torch.set_default_dtype(torch.float32)
    loss = peer_of(case, TIMED_CLASSES, TIMED_DIM)
    times = []
    for _ in range(repeats + 2):
        raw = torch.tensor(x, dtype=torch.float32, requires_grad=True)
        start = time.perf_counter()
        loss(raw, torch.from_numpy(y)).sum().backward()
        times.append(1e3 * (time.perf_counter() - start))
        if "weight" in case:
            getattr(loss, case["weight"]).grad = None
    return float(np.median(times[2:]))


def write_request(folder, chosen, arrays, args):
    x, y, timed_x, timed_y = arrays
    for name, array in (("x", x), ("y", y), ("square_x", x[:, :SQUARE_ROWS].copy()),
                        ("square_y", y[:, :SQUARE_ROWS].copy()), ("timed_x", timed_x), ("timed_y", timed_y)):
        np.save(folder / f"{name}.npy", array)
    rng, request, weights = np.random.default_rng(7), [], {}
    for name, case in chosen.items():
        (folder / f"{name}.yaml").write_text(json.dumps({"loss": case["loss"]}))
        item = dict(name=name, config=f"{name}.yaml", classes=CLASSES, parameters={})
        if not args.times_only:
            square = "square_" if name in SQUARE else ""
            item.update(embeddings=square + "x.npy", labels=square + "y.npy")
        if args.repeats:
            item.update(timed_embeddings="timed_x.npy", timed_labels="timed_y.npy", timed_classes=TIMED_CLASSES)
        weights[name] = None
        if "weight" in case:
            weights[name] = rng.normal(size=(CLASSES * case["centres"], DIM))
            if name == "p2sgrad":  # the peer normalises its weights itself, in float steps
                weights[name] /= np.linalg.norm(weights[name], axis=1, keepdims=True)
            np.save(folder / f"{name}_w.npy", weights[name])
            item["parameters"] = {"weight": f"{name}_w.npy"}
        request.append(item)
    (folder / "request.json").write_text(json.dumps(dict(repeats=max(1, args.repeats), cases=request)))
    return weights


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", required=True)
    parser.add_argument("--batches", type=int, default=200)
    parser.add_argument("--only", default="", help="names, comma separated")
    parser.add_argument("--repeats", type=int, default=0, help="timed steps; 0 = no times")
    parser.add_argument("--times-only", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--tolerance", type=float, default=1e-5)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    chosen = {k: v for k, v in cases().items() if not args.only or k in args.only.split(",")}
    x, y = random_batches(args.batches, 1)
    rng = np.random.default_rng(2)
    timed_y = np.repeat(rng.permutation(TIMED_CLASSES)[:TIMED_BATCH // 4], 4).astype(np.int64)
    timed_x = rng.normal(size=(TIMED_CLASSES, TIMED_DIM))[timed_y] + rng.normal(size=(TIMED_BATCH, TIMED_DIM))
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        weights = write_request(folder, chosen, (x, y, timed_x, timed_y), args)
        subprocess.run([args.bench, str(folder)], check=True)
        ours = json.loads((folder / "times.json").read_text() or "null") or {}
        print("| case | value | gradient | largest value | ms | ms peer |\n|---|---|---|---|---|---|")
        for case_name, case in chosen.items():
            value_gap = slope_gap = float("nan")
            largest = float("nan")
            if not args.times_only:
                rows = SQUARE_ROWS if case_name in SQUARE else x.shape[1]
                values, slopes = peer_results(case, x[:, :rows], y[:, :rows], weights[case_name])
                mine = np.load(folder / f"{case_name}_values.npy")[:, 0].astype(float)
                my_slopes = np.load(folder / f"{case_name}_gradients.npy").astype(float)
                value_gap = np.max(np.abs(mine - values) / np.maximum(np.abs(values), 1e-6))
                scale = np.maximum(np.abs(slopes).max(axis=1), 1e-6)
                if case_name not in VALUES_ONLY:
                    slope_gap = np.max(np.abs(my_slopes - slopes).max(axis=1) / scale)
                largest = np.abs(values).max()
                failed += not value_gap < args.tolerance
                failed += slope_gap >= args.tolerance
            peer_ms = milliseconds(case, timed_x, timed_y, args.repeats) if args.repeats else float("nan")
            print(f"| {case_name} | {value_gap:.1e} | {slope_gap:.1e} | {largest:.3g} | "
                  f"{ours.get(case_name, float('nan')):.2f} | {peer_ms:.2f} |", flush=True)
    print(f"{len(chosen)} cases, {failed} beyond {args.tolerance:g}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
