#!/usr/bin/env python3
"""Retrieval figures of winnow beside pytorch-metric-learning and scikit-learn on the same two embeddings folders.

parity_eval.py --winnow build/release/bin/winnow --queries EMB --gallery EMB
Needs a venv with torch, pytorch-metric-learning 2.9 and scikit-learn. The peers score in float64, winnow in float32: where two
gallery items lie closer than float32 tells apart their order may differ, which moves MRR and AP in the eighth digit.
"""
import argparse
import csv
import json
import subprocess

import numpy as np
import torch
from pytorch_metric_learning.distances import CosineSimilarity
from pytorch_metric_learning.utils.accuracy_calculator import AccuracyCalculator
from pytorch_metric_learning.utils.inference import CustomKNN
from sklearn.metrics import average_precision_score

PAIRS = {"recall@1": "precision_at_1", "r_precision": "r_precision", "map@r": "mean_average_precision_at_r",
         "mrr": "mean_reciprocal_rank"}


def load(folder):
    with open(folder + "/items.csv", newline="") as f:
        labels = [row["label"] for row in csv.DictReader(f)]
    return np.load(folder + "/vectors.npy").astype(np.float64), labels


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("winnow", "queries", "gallery"):
        ap.add_argument("--" + name, required=True)
    a = ap.parse_args()
    (q, ql), (g, gl) = load(a.queries), load(a.gallery)
    number = {name: i for i, name in enumerate(sorted(set(ql) | set(gl)))}
    ql, gl = np.array([number[x] for x in ql]), np.array([number[x] for x in gl])
    calculator = AccuracyCalculator(include=tuple(PAIRS.values()), k=None, knn_func=CustomKNN(CosineSimilarity()),
                                    device=torch.device("cpu"))
    peer = calculator.get_accuracy(*(torch.from_numpy(x) for x in (q, ql, g, gl)))
    answer = subprocess.run([a.winnow, "eval", "retrieval", "--queries", a.queries, "--gallery", a.gallery, "--json", "-q"],
                            check=True, capture_output=True, text=True)
    ours = json.loads(answer.stdout)["metrics"]
    rows = [(name, peer[theirs], ours[name]) for name, theirs in PAIRS.items()]
    scores = q @ g.T
    precision = [average_precision_score(gl == y, scores[i]) for i, y in enumerate(ql) if (gl == y).any()]
    rows.append(("ap.finite (scikit-learn)", float(np.mean(precision)), ours["ap.finite"]))
    for name, theirs, mine in rows:
        print(f"{name:26s} peer {theirs:.12f}  winnow {mine:.12f}  difference {abs(theirs - mine):.1e}")


if __name__ == "__main__":
    main()
