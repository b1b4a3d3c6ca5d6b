#!/usr/bin/env python3
"""Experiment D of losses.md 8.4: does winnow find wrong labels on the synthetic identities, and does it leave right ones?

  build/release/bin/experiment_data identities DATA
  tools/experiments/label_audit.py DATA OUT [--winnow build/release/bin/winnow] [--only closed20]

For each noise setting: one training with `trust: mixture`, told nothing, then winnow's own estimators on its embeddings:
trust of the run, vote of the 20 nearest, confident learning on 5-fold probabilities, all together, and the changes that
`winnow loop` would propose (confidence >= 0.97). Prints the table; exit code 1 when a threshold is missed. A finished
training is not done again. Needs NumPy.
"""
import argparse
import csv
import json
import pathlib
import subprocess
import sys

import numpy as np

SETTINGS = {"clean": 0.0, "closed20": 0.2, "closed50": 0.5, "open40": 0.4, "mixed": 0.4}
ACCEPT = 0.97
RECIPE = ["model.backbone=mlp", "model.dim=64", "data.size=16", "data.crop_ratio=1", "data.max_bad=0",
          "augment.scale_min=1", "augment.ratio_min=1", "augment.ratio_max=1", "augment.flip=0", "augment.brightness=0",
          "augment.contrast=0", "augment.saturation=0", "loss=nce_rce", "trust={name: mixture, every: 20}",
          "training.epochs=20", "training.batch=128", "training.optimizer=adam", "training.weight_decay=0",
          "training.learning_rate=2e-3", "training.schedule=cosine", "training.precision=fp32",
          "training.validate_every=0"]


def auc(score, wrong):
    """Chance that a wrong label scores higher than a right one; ties count half. NaN without wrong labels."""
    if not wrong.any() or wrong.all():
        return float("nan")
    values, place = np.unique(score, return_inverse=True)
    below = np.concatenate([[0], np.cumsum(np.bincount(place, minlength=len(values)))])
    ranks = (below[place] + below[place + 1] - 1) / 2
    n = wrong.sum()
    return (ranks[wrong].sum() - n * (n - 1) / 2) / (n * (len(wrong) - n))


def rows_of(file):
    with open(file, newline="") as f:
        return list(csv.DictReader(f))


class Audit:
    def __init__(self, args, name):
        self.winnow, self.run = args.winnow, pathlib.Path(args.out) / name
        self.manifest = pathlib.Path(args.data) / f"{name}.csv"
        rows = rows_of(self.manifest)
        self.label = np.array([r["label"] for r in rows])
        self.truth = np.array([r["true_label"] for r in rows])
        self.wrong = self.label != self.truth

    def call(self, *words):
        done = subprocess.run([self.winnow, *map(str, words), "--quiet"], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"winnow {words[0]}: {done.stderr}")
        return done.stdout

    def train(self):
        if not (self.run / "model" / "card.json").exists():
            self.call("train", *RECIPE, f"data.train={self.manifest}", "--out", self.run)
        if not (self.run / "embeddings" / "card.json").exists():
            self.call("embed", self.manifest, "--model", self.run / "model", "--out", self.run / "embeddings")

    def trained_rate(self):
        with open(self.run / "metrics.jsonl") as f:
            last = [json.loads(line) for line in f][-1]
        return next(v for k, v in last["log"].items() if k.endswith("rate_estimate"))

    def ranking(self, target, *words):
        """Scores by row, and the suspects' rows."""
        out = self.run / "suspects.csv"
        self.call("noise", "rank", *target, *words, "--out", out)
        score, rows = np.full(len(self.label), np.nan), rows_of(out)
        for r in rows:
            score[int(r["row"])] = float(r["score"])
        return score, rows

    def fold_probabilities(self):
        """Softmax over cosines to class centres that were made without the row's fold."""
        v = np.load(self.run / "embeddings" / "vectors.npy").astype(np.float32)
        names, y = np.unique(self.label, return_inverse=True)
        fold = np.random.default_rng(1).permutation(len(y)) % 5
        out = np.zeros((len(y), len(names)), np.float32)
        for k in range(5):
            centres = np.zeros((len(names), v.shape[1]), np.float32)
            np.add.at(centres, y[fold != k], v[fold != k])
            centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-9)
            logits = 20 * v[fold == k] @ centres.T
            p = np.exp(logits - logits.max(1, keepdims=True))
            out[fold == k] = p / p.sum(1, keepdims=True)
        np.save(self.run / "probs.npy", out)
        return ["--probs", self.run / "probs.npy", "--labels", self.manifest]

    def measure(self):
        self.train()
        trust = np.array([-float(r["score"]) if r["score"] else np.nan for r in rows_of(self.run / "trust.csv")])
        votes, _ = self.ranking([self.run], "--method", "neighbours")
        confident, _ = self.ranking(self.fold_probabilities(), "--method", "self_confidence")
        every, rows = self.ranking([self.run])
        estimate = json.loads(self.call("noise", "estimate", self.run, "--json"))["rate"]["value"]
        swaps = [r for r in rows if float(r["confidence"]) >= ACCEPT and r["suggested"]] if estimate > 0 else []
        right = [r["suggested"] == self.truth[int(r["row"])] for r in swaps]
        strangers = sum(self.truth[int(r["row"])] == "stranger" for r in swaps)
        return {"wrong": self.wrong.mean(), "rate": self.trained_rate(), "rate_all": estimate,
                "trust": auc(trust, self.wrong), "votes": auc(votes, self.wrong),
                "confident": auc(confident, self.wrong), "all": auc(every, self.wrong), "swaps": len(swaps),
                "right": float(np.mean(right)) if right else float("nan"),
                "strangers": strangers / max(1, int((self.truth == "stranger").sum()))}


def misses(name, m):
    """Thresholds of losses.md 8.4, row D."""
    out = []
    if name == "clean":
        out += [f"rate {m['rate']:.3f}, 0 is required"] if m["rate"] != 0 else []
        out += [f"{m['swaps']} swaps, none is allowed"] if m["swaps"] else []
        return out
    if m["trust"] < 0.98:
        out.append(f"AUC {m['trust']:.4f} of the trust, 0.98 is required")
    if abs(m["rate"] - m["wrong"]) > 0.03:
        out.append(f"rate {m['rate']:.3f}, {m['wrong']:.3f} +- 0.03 is required")
    if name.startswith("closed") and not m["right"] >= 0.97:
        out.append(f"{m['right']:.3f} of the swaps are right, 0.97 is required")
    if m["strangers"] > 0.01:
        out.append(f"{m['strangers']:.4f} of the strangers are swapped, 0.01 is allowed")
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("out")
    parser.add_argument("--winnow", default="build/release/bin/winnow")
    parser.add_argument("--only", choices=SETTINGS)
    args = parser.parse_args()
    columns = ["wrong", "rate", "rate_all", "trust", "votes", "confident", "all", "swaps", "right", "strangers"]
    print("| labels | wrong | rate, trust | rate, all | AUC trust | kNN vote | confident learning | all | swaps | right "
          "| strangers swapped |\n|" + "---|" * (len(columns) + 1))
    failed = []
    for name in [args.only] if args.only else SETTINGS:
        m = Audit(args, name).measure()
        cells = [str(m[c]) if c == "swaps" else "" if np.isnan(m[c]) else f"{m[c]:.3f}" for c in columns]
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
        failed += [f"{name}: {what}" for what in misses(name, m)]
    for what in failed:
        print("MISSED " + what)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
