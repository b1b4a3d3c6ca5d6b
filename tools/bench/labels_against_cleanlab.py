#!/usr/bin/env python3
"""Times bench_labels and cleanlab on the same probabilities, one after the other, and compares what they find.

  labels_against_cleanlab.py --bench build/release/bin/bench_labels [--rows 1000000 --classes 100] [--scratch DIR]
  labels_against_cleanlab.py --bench ... --probs P.npy --labels labels.csv      # given probabilities

Needs numpy and cleanlab. Each cleanlab call runs in a process of its own; times are the least of three in it."""
import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings

FILTERS = ("prune_by_noise_rate", "prune_by_class", "both", "confident_learning", "predicted_neq_given",
           "low_self_confidence", "low_normalized_margin")
SCORES = ("self_confidence", "normalized_margin")


def synthetic(rows, classes, seed=11):
    """Softmax of unit normal logits with +4 on the true class for 85 % of the rows; 20 % symmetric label noise."""
    import numpy as np
    rng = np.random.default_rng(seed)
    true = rng.integers(0, classes, rows)
    p = rng.standard_normal((rows, classes), dtype=np.float32)
    sure = rng.random(rows) < 0.85
    p[np.arange(rows), np.where(sure, true, rng.integers(0, classes, rows))] += 4
    np.exp(p, out=p)
    p /= p.sum(axis=1, keepdims=True)
    flip = rng.random(rows) < 0.2
    return p, np.where(flip, (true + rng.integers(1, classes, rows)) % classes, true)


def one_call(name, probs, labels):
    import numpy as np
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores
    warnings.filterwarnings("ignore")
    p, y = np.load(probs), np.load(labels)
    times, out = [], {}
    for _ in range(3):
        start = time.perf_counter()
        if name in SCORES:
            out["sum"] = float(get_label_quality_scores(y, p, method=name).astype(np.float64).sum())
        else:
            out["found"] = int(find_label_issues(y, p, filter_by=name).sum())
        times.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(dict(out, wall_s=min(times), peak_rss_mib=peak)))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--bench", help="path of bench_labels")
    ap.add_argument("--rows", type=int, default=1000000)
    ap.add_argument("--classes", type=int, default=100)
    ap.add_argument("--probs", help="float32 .npy instead of synthetic data")
    ap.add_argument("--labels", help="CSV with a column `given`, or .npy")
    ap.add_argument("--scratch")
    ap.add_argument("--only", nargs="*", default=FILTERS + SCORES)
    ap.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    a = ap.parse_args()
    if a.one:
        return one_call(*a.one)
    import numpy as np
    folder = a.scratch or tempfile.mkdtemp(prefix="winnow-labels-")
    os.makedirs(folder, exist_ok=True)
    probs, labels = a.probs or os.path.join(folder, "probs.npy"), os.path.join(folder, "labels.npy")
    if a.probs:
        if a.labels.endswith(".npy"):
            labels = a.labels
        else:
            with open(a.labels, newline="") as f:
                np.save(labels, np.array([int(r["given"]) for r in csv.DictReader(f)], np.int64))
    elif not os.path.exists(probs):
        p, y = synthetic(a.rows, a.classes)
        np.save(probs, p)
        np.save(labels, y.astype(np.int64))
    print("%-22s %10s %10s %7s %12s %12s %9s %9s" %
          ("call", "ours s", "cleanlab s", "ratio", "ours", "cleanlab", "MiB", "MiB cl."))
    worse = 0
    for name in a.only:
        ours = json.loads(subprocess.check_output([a.bench, probs, labels, name]))
        theirs = json.loads(subprocess.check_output([sys.executable, os.path.abspath(__file__), "--one", name, probs, labels]))
        key = "found" if "found" in ours else "sum"
        same = abs(ours[key] - theirs[key]) <= (0 if key == "found" else 1e-6 * abs(theirs[key]))
        worse += not same
        print("%-22s %10.3f %10.3f %7.1f %12.6g %12.6g %9.1f %9.1f%s" %
              (name, ours["wall_s"], theirs["wall_s"], theirs["wall_s"] / ours["wall_s"], ours[key], theirs[key],
               ours["peak_rss_mib"], theirs["peak_rss_mib"], "" if same else "   DIFFERENT"), flush=True)
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
