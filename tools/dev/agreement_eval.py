#!/usr/bin/env python3
"""winnow's evaluation beside scikit-learn and pytorch-metric-learning on generated data without ties.

agreement_eval.py --winnow build/release/bin/winnow [--sets 10]
Needs a venv with torch, pytorch-metric-learning 2.9 and scikit-learn. Everything goes through the command line: embeddings folders
are written here, figures and curves are read from --json and --curve. Scikit-learn gets scores in float64, AccuracyCalculator makes its own in float32. Sets
are drawn until no relevant and other item of a query lie closer than 1e-5, so that float32 scores order them alike.
Prints a table and ends with 1 when a difference is above 1e-9; then shows two faults of AccuracyCalculator.
"""
import argparse
import csv
import hashlib
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import torch
from pytorch_metric_learning.distances import CosineSimilarity
from pytorch_metric_learning.utils.accuracy_calculator import AccuracyCalculator
from pytorch_metric_learning.utils.inference import CustomKNN
from scipy.sparse.csgraph import connected_components
from sklearn.metrics import (adjusted_mutual_info_score, average_precision_score, normalized_mutual_info_score,
                             roc_auc_score, roc_curve)

TOLERANCE, GAP = 1e-9, 1e-5
CALCULATED = {"recall@1": "precision_at_1", "r_precision": "r_precision", "map@r": "mean_average_precision_at_r",
              "ap.finite": "mean_average_precision"}
FARS = (0.001, 0.01, 0.1)


def unit(rows, rng, labels, spread):
    centres = np.random.default_rng(7).normal(size=(labels.max() + 1, 16))
    x = centres[labels] + spread * rng.normal(size=(rows, 16))
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


def write_folder(folder, vectors, labels):
    """An embeddings folder as `winnow embed` writes it; its card is sealed by the digest of its own text."""
    folder.mkdir()
    np.save(folder / "vectors.npy", vectors)
    with open(folder / "items.csv", "w", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(("id", "path", "label"))
        out.writerows((i, f"{i}.jpg", f"class {y}") for i, y in enumerate(labels))
    digest = lambda name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
    card = dict(format="winnow-embeddings", version=1, model_digest="a" * 64, preprocessing_digest="b" * 64, model_path="",
                data="", created="", winnow_version="", vectors_digest=digest("vectors.npy"),
                items_digest=digest("items.csv"), extra_columns=[], normalised=True, rows=len(labels), dim=vectors.shape[1])
    text = json.dumps(card, sort_keys=True, separators=(",", ":"))
    card["digest"] = hashlib.sha256(text.encode()).hexdigest()
    (folder / "card.json").write_text(json.dumps(card))


class Table:
    def __init__(self):
        self.rows = {}

    def add(self, what, peer, ours, theirs):
        gap = float(np.max(np.abs(np.asarray(ours, float) - np.asarray(theirs, float))))
        values, worst = self.rows.get((what, peer), (0, 0.0))
        self.rows[what, peer] = (values + np.size(theirs), max(worst, gap if gap == gap else np.inf))

    def show(self):
        print("| figure | peer | values compared | largest difference |\n|---|---|---|---|")
        for (what, peer), (values, gap) in self.rows.items():
            print(f"| {what} | {peer} | {values:,} | {gap:.1e} |")
        return all(gap <= TOLERANCE for _, gap in self.rows.values())


def near_tie(scores, relevant):
    order = np.argsort(-scores, axis=1)
    s, r = np.take_along_axis(scores, order, 1), np.take_along_axis(relevant, order, 1)
    gap = np.diff(-s, axis=1)
    return bool(((gap < GAP) & (r[:, 1:] != r[:, :-1])).any())


def draw(seed, same_set):
    """Vectors and labels of both sides without near-ties; a few labels stand alone."""
    for attempt in range(10000):
        rng = np.random.default_rng((seed, attempt))
        sides = []
        for rows in ([200] if same_set else [80, 160]):
            labels = rng.integers(0, 25, rows)
            labels[:3] = 25 + np.arange(3)  # alone, or on one side only
            sides.append((unit(rows, rng, labels, 0.8), labels))
        (q, ql), (g, gl) = sides[0], sides[-1]
        scores = q.astype(float) @ g.astype(float).T
        if same_set:
            np.fill_diagonal(scores, 2)
        if not near_tie(scores, ql[:, None] == gl):
            return q, ql, g, gl
    raise SystemExit("no set without near-ties was found")


def winnow(args, *words):
    answer = subprocess.run([args.winnow, "eval", *map(str, words), "--json", "-q", "--bootstrap", "0"], check=True,
                            capture_output=True, text=True)
    return json.loads(answer.stdout)["metrics"]


def calculate(q, ql, g, gl, same_set, include):
    calculator = AccuracyCalculator(include=include, knn_func=CustomKNN(CosineSimilarity()), device=torch.device("cpu"))
    tensors = [torch.from_numpy(np.asarray(x)) for x in (q.astype(float), ql, g.astype(float), gl)]
    return calculator.get_accuracy(*tensors, ref_includes_query=same_set)


def compare_retrieval(args, table, folder, seed, same_set):
    q, ql, g, gl = draw(seed, same_set)
    write_folder(folder / "q", q, ql)
    words = ["retrieval", "--queries", folder / "q"]
    if not same_set:
        write_folder(folder / "g", g, gl)
        words += ["--gallery", folder / "g"]
    ours = winnow(args, *words)
    peer = calculate(q, ql, g, gl, same_set, tuple(CALCULATED.values()))
    for name, theirs in CALCULATED.items():
        table.add(name, "AccuracyCalculator", ours[name], peer[theirs])
    scores, precision = q.astype(float) @ g.astype(float).T, []
    for i, y in enumerate(ql):
        keep = np.arange(len(gl)) != i if same_set else np.ones(len(gl), bool)
        if (gl[keep] == y).any():
            precision.append(average_precision_score(gl[keep] == y, scores[i, keep]))
    table.add("ap.finite", "scikit-learn average_precision_score", ours["ap.finite"], np.mean(precision))


def compare_pairs(args, table, folder, seed):
    rng = np.random.default_rng(100 + seed)
    labels = rng.integers(0, 30, 300)
    vectors = unit(300, rng, labels, 1.0)
    write_folder(folder / "faces", vectors, labels)
    x = vectors.astype(float)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    pairs = rng.permutation([(a, b) for a in range(300) for b in range(a)])[:8000]
    same, scores = labels[pairs[:, 0]] == labels[pairs[:, 1]], (x[pairs[:, 0]] * x[pairs[:, 1]]).sum(1)
    with open(folder / "pairs.csv", "w") as f:
        f.write("a,b,same\n" + "".join(f"{a}.jpg,{b}.jpg,{int(s)}\n" for (a, b), s in zip(pairs, same)))
    ours = winnow(args, "face", "--protocol", "csv", "--pairs", folder / "pairs.csv", "--embeddings", folder / "faces",
                  "--curve", folder / "roc.csv", "--far", ",".join(map(str, FARS)))
    curve = np.loadtxt(folder / "roc.csv", delimiter=",", skiprows=1)
    fpr, tpr, thresholds = roc_curve(same, scores)
    if len(fpr) != len(curve):
        raise SystemExit(f"the curves have {len(curve)} and {len(fpr)} points")
    for column, (name, theirs) in enumerate((("FAR", fpr), ("TAR", tpr), ("threshold", thresholds))):
        first = 1 if name == "threshold" else 0  # both say infinity there
        table.add(f"ROC points, {name}", "scikit-learn roc_curve", curve[first:, column], theirs[first:])
    table.add("auc", "scikit-learn roc_auc_score", ours["auc"], roc_auc_score(same, scores))
    every_fpr, every_tpr, _ = roc_curve(same, scores, drop_intermediate=False)
    for far in FARS:
        table.add("tar@far, strict", "scikit-learn roc_curve, last point with fpr <= target", ours[f"tar@far={far:g}"],
                  every_tpr[every_fpr <= far + 1e-12].max())
        table.add("tar@far, nearest", "scikit-learn roc_curve, point nearest in fpr", ours[f"tar@far={far:g}.nearest"],
                  tpr[::-1][np.argmin(np.abs(fpr[::-1] - far))])  # of equally near ones the highest


def compare_clusters(args, table, folder, seed):
    rng = np.random.default_rng(200 + seed)
    labels = rng.integers(0, 30, 240)
    vectors = unit(240, rng, labels, 0.6)
    write_folder(folder / "clusters", vectors, labels)
    scores = vectors.astype(float) @ vectors.astype(float).T
    threshold = 0.75 + 0.02 * seed % 0.1
    ours = winnow(args, "face", "--protocol", "cluster", "--embeddings", folder / "clusters", "--threshold", threshold)
    _, clusters = connected_components(scores > threshold, directed=False)
    table.add("ami", "scikit-learn adjusted_mutual_info_score", ours["ami"], adjusted_mutual_info_score(labels, clusters))
    table.add("nmi", "scikit-learn normalized_mutual_info_score", ours["nmi"], normalized_mutual_info_score(labels, clusters))


def show_faults(args, folder):
    """recall@1 of four rows whose nearest other row is of another class, and of equal vectors in five orders."""
    angles = np.array([0.0, 0.01, 1.0, 1.01])
    line = np.stack([np.cos(angles), np.sin(angles)], 1).astype(np.float32)
    large = np.array([16777216, 16777217, 16777216, 16777217])
    copies, classes = np.repeat(np.eye(6, dtype=np.float32), 20, axis=0), np.arange(120) // 2 % 7
    cases = [("labels become float32: from 2^24 on neighbours merge", line, large)]
    for order in range(5):
        rows = np.random.default_rng(order).permutation(120)
        cases.append((f"equal scores stand as topk leaves them: order {order + 1} of the same rows", copies[rows], classes[rows]))
    print("\n| fault of AccuracyCalculator | its precision_at_1 | recall@1, --ties expected |\n|---|---|---|")
    for i, (name, x, y) in enumerate(cases):
        write_folder(folder / f"fault{i}", x, y)
        peer = calculate(x, y, x, y, True, ("precision_at_1",))["precision_at_1"]
        ours = winnow(args, "retrieval", "--queries", folder / f"fault{i}", "--ties", "expected")["recall@1"]
        print(f"| {name} | {peer:.4f} | {ours:.4f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--winnow", required=True)
    parser.add_argument("--sets", type=int, default=10)
    args = parser.parse_args()
    table = Table()
    with tempfile.TemporaryDirectory() as name:
        for seed in range(args.sets):
            folder = Path(name) / str(seed)
            (folder / "same").mkdir(parents=True)
            (folder / "two").mkdir()
            compare_retrieval(args, table, folder / "same", seed, True)
            compare_retrieval(args, table, folder / "two", seed, False)
            compare_pairs(args, table, folder, seed)
            compare_clusters(args, table, folder, seed)
        agreed = table.show()
        show_faults(args, Path(name))
    return 0 if agreed else 1


if __name__ == "__main__":
    raise SystemExit(main())
