#!/usr/bin/env python3
"""How early does winnow list label errors that people have found? MNIST reviews and Clothing of ../shared/datasets.

  tools/experiments/known_errors.py OUT [--winnow build/release/bin/winnow] [--only clothing] [--threads 1]

For each data set small networks (small_cnn) are trained under `recipe: robust`, told nothing: one a seed on all rows,
ranked by `noise rank RUN` (neighbours, prototype, duplicates, trust), and one network a fold of five, each row judged by
the network that has not seen it: `noise rank --probs` on softmax probabilities of the cosines to the class centres of
the other folds. Prints how many of the known errors are among the first 1, 2 and 5 % of each list, and where the one
picture under two labels stands. A finished training is not done again. Needs NumPy.
"""
import argparse
import csv
import os
import pathlib
import subprocess
import sys

import numpy as np

SHARES, FOLDS, SCALE = (0.01, 0.02, 0.05), 5, 20
RECIPE = ["recipe=robust", "model.backbone=small_cnn", "model.dim=64", "data.crop_ratio=1", "augment.scale_min=0.7",
          "training.learning_rate=2e-3", "training.warmup_epochs=1", "training.precision=bf16",
          "training.validate_every=0"]
DIGITS = ["data.size=28", "augment.flip=0", "augment.brightness=0", "augment.contrast=0",
          "augment.saturation=0", "training.epochs=10"]
CLOTHES = ["data.size=64", "augment.brightness=0.2", "augment.contrast=0.2", "augment.saturation=0.1",
           "training.epochs=20"]
TWINS = ("6075b4a5-5b1a-4ce0-aea0-9dbfbca7c35c", "637a56e4-7fa6-4f75-8859-0f8902461554")


def rows_of(file):
    with open(file, newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f))


def mnist(shared):
    """13 of 10,000: three of five reviewers chose the proposed label, or neither."""
    reviews = {r["path"]: r["verdict"] for r in rows_of(shared / "mnist_reviewed/reviews.csv")}
    rows = rows_of(shared / "mnist_reviewed/images.csv")
    known = {"wrong": [reviews.get(r["path"]) in ("guessed", "neither") for r in rows]}
    return shared / "mnist_reviewed/mnist_test.tar", rows, known, DIGITS


def clothing(shared, only_top10):
    """26 rows whose cleaned label is another; in the full set also 302 that people did not want to name."""
    rows = [r for r in rows_of(shared / "clothing/images.csv") if r["top10_label"] or not only_top10]
    known = {"corrected": [r["top10_label"] not in ("", r["label"].lower()) for r in rows]}
    if not only_top10:
        known["doubtful"] = [r["label"] in ("Not sure", "Other", "Skip") for r in rows]
    return shared / "clothing/clothing.tar", rows, known, CLOTHES


SETS = {"mnist": mnist, "clothing": lambda s: clothing(s, False), "clothing-top10": lambda s: clothing(s, True)}


class Ranking:
    def __init__(self, args, name):
        self.winnow, self.threads, self.out = args.winnow, str(args.threads), pathlib.Path(args.out) / name
        self.tar, rows, self.known, self.recipe = SETS[name](pathlib.Path(args.shared))
        self.out.mkdir(parents=True, exist_ok=True)
        self.manifest = self.out / "labels.csv"
        self.fold = np.random.default_rng(1).permutation(len(rows)) % FOLDS
        self.paths, self.labels = [r["path"] for r in rows], np.array([r["label"] for r in rows])
        with open(self.manifest, "w", newline="", encoding="utf-8") as f:
            csv.writer(f).writerows([["path", "label", "fold"], *zip(self.paths, self.labels, self.fold)])

    def call(self, *words):
        done = subprocess.run([self.winnow, *map(str, words), "--quiet", "--threads", self.threads],
                              capture_output=True, text=True, check=False,
                              env={**os.environ, "OMP_WAIT_POLICY": "passive"})
        if done.returncode != 0:
            sys.exit(f"winnow {words[0]}: {done.stderr}")

    def train(self, run, *settings):
        if not (run / "model" / "card.json").exists():
            self.call("train", *RECIPE, *self.recipe, f"data.train={self.manifest}", f"data.archive=[{self.tar}]",
                      *settings, "--resume", "--out", run)
        if not (run / "embeddings" / "card.json").exists():
            self.call("embed", self.manifest, "--archive", self.tar, "--model", run / "model", "--out",
                      run / "embeddings", "--precision", "fp32")

    def rank(self, out, *words):
        self.call("noise", "rank", *words, "--out", out)
        return [int(r["row"]) for r in rows_of(out)]

    def by_run(self, seed):
        run = self.out / f"seed-{seed}"
        self.train(run, f"training.seed={seed}")
        return self.rank(run / "suspects.csv", run)

    def probabilities(self):
        names, y = np.unique(self.labels, return_inverse=True)  # bytewise, as winnow orders the columns
        out = np.zeros((len(y), len(names)), np.float32)
        for k in range(FOLDS):
            run = self.out / f"fold-{k}"
            self.train(run, f"data.where=['fold!={k}']")
            v, seen = np.load(run / "embeddings" / "vectors.npy"), self.fold != k
            centres = np.zeros((len(names), v.shape[1]), np.float32)
            np.add.at(centres, y[seen], v[seen])
            centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-9)
            logits = SCALE * v[~seen] @ centres.T
            p = np.exp(logits - logits.max(1, keepdims=True))
            out[~seen] = p / p.sum(1, keepdims=True)
        np.save(self.out / "probs.npy", out)
        return np.mean(out.argmax(1) == y)

    def by_folds(self, *method):
        return self.rank(self.out / "suspects.csv", "--probs", self.out / "probs.npy", "--labels", self.manifest, *method)

    def cells(self, order):
        out = []
        for wrong in self.known.values():
            flags = np.array(wrong)[order]
            out += [f"{flags[:round(share * len(order))].sum()}" for share in SHARES]
        twins = [order.index(i) + 1 for i, path in enumerate(self.paths) if any(t in path for t in TWINS)]
        return [*out, ", ".join(map(str, sorted(twins))) or "-"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--shared", default="../shared/datasets")
    parser.add_argument("--winnow", default="build/release/bin/winnow")
    parser.add_argument("--only", choices=SETS)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    for name in [args.only] if args.only else SETS:
        ranking = Ranking(args, name)
        heads = [f"{what} of {sum(wrong)}: first {share:.0%}" for what, wrong in ranking.known.items()
                 for share in SHARES]
        print(f"{name}, {len(ranking.paths)} rows\n| list | " + " | ".join([*heads, "the pair at"]) + " |")
        print("|" + "---|" * (len(heads) + 2), flush=True)
        for seed in range(1, args.seeds + 1):
            print(f"| run, seed {seed} | " + " | ".join(ranking.cells(ranking.by_run(seed))) + " |", flush=True)
        agreed = ranking.probabilities()
        for what, method in (("own score", []), ("cleanlab's self_confidence", ["--method", "self_confidence"])):
            print(f"| out of fold, {what} | " + " | ".join(ranking.cells(ranking.by_folds(*method))) + " |", flush=True)
        print(f"Out of fold the most likely label is the given one in {agreed:.1%} of the rows.\n", flush=True)


if __name__ == "__main__":
    main()
