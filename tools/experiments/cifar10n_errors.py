#!/usr/bin/env python3
"""CIFAR-10N: winnow's list of wrong labels beside cleanlab's, from the same network at the same cost of training.

  tools/experiments/cifar10n_errors.py OUT [--noise random1] [--shared ../shared/datasets] [--threads 1]

cleanlab judges out-of-fold probabilities: five trainings of configs/recipes/cifar_small.yaml (with crops) on four fifths
for EPOCHS epochs; softmax of the cosines to the class centres of the other folds, at the scale that explains the given
labels best. winnow judges by one training on everything for 4 EPOCHS epochs, as many pictures through the network, told
nothing: `noise rank RUN` and `noise estimate RUN`. A finished training is not done again. Needs NumPy, scikit-learn and
cleanlab.
"""
import argparse
import csv
import json
import os
import pathlib
import subprocess
import sys

import numpy as np

FOLDS, SCALES = 5, (5, 7, 10, 14, 20, 28, 40)
NETWORK = ["configs/recipes/cifar_small.yaml", "loss.scale=16", "augment.scale_min=0.6", "augment.ratio_min=0.8",
           "augment.ratio_max=1.25", "training.validate_every=0"]


class Comparison:
    def __init__(self, args):
        self.args, self.out = args, pathlib.Path(args.out) / args.noise
        folder = pathlib.Path(args.shared) / "cifar10n"
        self.tar = folder / "train.tar"
        self.out.mkdir(parents=True, exist_ok=True)
        with open(folder / "images.csv", newline="") as f:
            rows = [r for r in csv.DictReader(f) if r["split"] == "train"]
        self.given = np.array([int(r[args.noise]) for r in rows])
        self.clean = np.array([int(r["clean"]) for r in rows])
        self.wrong = self.given != self.clean
        self.fold = np.random.default_rng(1).permutation(len(rows)) % FOLDS
        self.manifest = self.out / "labels.csv"
        with open(self.manifest, "w", newline="") as f:
            out = csv.writer(f)
            out.writerow(("path", "label", "fold"))
            out.writerows(zip((r["path"] for r in rows), self.given, self.fold))

    def call(self, *words):
        done = subprocess.run([self.args.winnow, *map(str, words), "--quiet", "--threads", str(self.args.threads)],
                              capture_output=True, text=True, check=False,
                              env={**os.environ, "OMP_WAIT_POLICY": "passive"})
        if done.returncode != 0:
            sys.exit(f"winnow {words[0]}: {done.stderr}")
        return done.stdout

    def train(self, run, *settings):
        if not (run / "model" / "card.json").exists():
            self.call("train", *NETWORK, f"data.train={self.manifest}", f"data.archive=[{self.tar}]", "data.where=[]",
                      *settings, "--resume", "--out", run)
        if not (run / "embeddings" / "card.json").exists():
            self.call("embed", self.manifest, "--archive", self.tar, "--model", run / "model", "--out",
                      run / "embeddings")

    def cosines(self):
        """Cosine of each picture to the class centres of the network that has not seen it."""
        out = np.zeros((len(self.given), 10), np.float32)
        for k in range(FOLDS):
            run = self.out / f"fold-{k}"
            self.train(run, f"data.where=['fold!={k}']", f"training.epochs={self.args.epochs}")
            v, seen = np.load(run / "embeddings" / "vectors.npy"), self.fold != k
            centres = np.stack([v[seen & (self.given == c)].sum(0) for c in range(10)])
            out[~seen] = v[~seen] @ (centres / np.linalg.norm(centres, axis=1, keepdims=True)).T
        return out

    def out_of_fold(self):
        cosines, best = self.cosines(), None
        for scale in SCALES:
            p = np.exp(scale * cosines)
            p /= p.sum(1, keepdims=True)
            fit = -np.log(p[np.arange(len(p)), self.given]).mean()
            if best is None or fit < best[0]:
                best = fit, scale, p
        np.save(self.out / "out_of_fold.npy", best[2])
        return best[2], best[1]


def average_precision(wrong, score):
    from sklearn.metrics import average_precision_score, roc_auc_score
    return f"{roc_auc_score(wrong, score):.4f} | {average_precision_score(wrong, score):.4f}"


def cut(wrong, flags):
    hit = (wrong & flags).sum()
    return f"{hit / flags.sum():.4f} / {hit / wrong.sum():.4f} / {2 * hit / (flags.sum() + wrong.sum()):.4f}"


def cleanlab_rows(c):
    from cleanlab.count import estimate_joint
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores
    p, scale = c.out_of_fold()
    print(f"out of fold: scale {scale}, the most likely class is the right one for {np.mean(p.argmax(1) == c.clean):.4f}")
    for method in ("self_confidence", "normalized_margin", "confidence_weighted_entropy"):
        print(f"| cleanlab, {method} | {average_precision(c.wrong, -get_label_quality_scores(c.given, p, method=method))} | |")
    for name in ("prune_by_noise_rate", "prune_by_class", "both", "confident_learning", "predicted_neq_given",
                 "low_self_confidence", "low_normalized_margin"):
        print(f"| cleanlab, {name} | | | {cut(c.wrong, find_label_issues(c.given, p, filter_by=name))} |", flush=True)
    print(f"cleanlab's rate: {1 - np.trace(estimate_joint(c.given, p)):.4f}, truth {c.wrong.mean():.4f}")
    found = c.wrong & find_label_issues(c.given, p, filter_by="low_self_confidence")
    print(f"cleanlab's most likely class is right for {np.mean(p.argmax(1)[found] == c.clean[found]):.4f} of the errors found")


def winnow_row(c):
    run = c.out / "run"
    c.train(run, f"training.epochs={c.args.epochs * (FOLDS - 1)}", *c.args.settings)
    c.call("noise", "rank", run, "--out", run / "suspects.csv", *c.args.rank)
    score, suggested, flags = np.zeros(len(c.given)), np.zeros(len(c.given), int), np.zeros(len(c.given), bool)
    with open(run / "suspects.csv", newline="") as f:
        for place, r in enumerate(csv.DictReader(f)):
            i = int(r["row"])
            score[i], flags[i] = -place, r["suspect"] == "1"
            suggested[i] = int(r["suggested"] or -1)
    print(f"| winnow | {average_precision(c.wrong, score)} | {cut(c.wrong, flags)} |")
    found = c.wrong & flags
    print(f"suggested label right for {np.mean(suggested[found] == c.clean[found]):.4f} of the {found.sum()} errors found")
    estimate = json.loads(c.call("noise", "estimate", run, "--json"))
    print("estimate:", json.dumps(estimate["rate"]), f"truth {c.wrong.mean():.4f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--noise", default="random1", choices=("random1", "aggre"))
    parser.add_argument("--shared", default="../shared/datasets")
    parser.add_argument("--winnow", default="build/release/bin/winnow")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=15, help="of each fold")
    parser.add_argument("--settings", nargs="*", default=[], help="for the training of winnow's side")
    parser.add_argument("--rank", nargs="*", default=[], help="for winnow noise rank")
    parser.add_argument("--only", choices=("cleanlab", "winnow"))
    args = parser.parse_args()
    comparison = Comparison(args)
    if args.only != "winnow":
        cleanlab_rows(comparison)
    if args.only != "cleanlab":
        winnow_row(comparison)


if __name__ == "__main__":
    main()
