#!/usr/bin/env python3
"""A part of CIFAR-10 with human labels as a manifest for configs/sweeps/cifar10n.yaml.

  cifar10n_subset.py SHARED/datasets/cifar10n OUT.csv [--rows 5000]

The training pictures whose place in CIFAR-10's own (random) order is under --rows, and all test pictures. `true_label`
is the clean label, by which a run knows what share of the wrong labels it has learnt by heart.
"""
import argparse
import csv
import os

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("folder")
parser.add_argument("out")
parser.add_argument("--rows", type=int, default=5000)
args = parser.parse_args()
with open(os.path.join(args.folder, "images.csv"), newline="") as f:
    rows = [r for r in csv.DictReader(f) if r["split"] == "test" or int(r["original_index"]) < args.rows]
os.makedirs(os.path.dirname(os.path.abspath(args.out)), exist_ok=True)
with open(args.out + ".tmp", "w", newline="") as f:
    writer = csv.writer(f, lineterminator="\n")
    writer.writerow(("path", "split", "true_label", "random1", "aggre"))
    for r in rows:
        test = r["split"] == "test"
        writer.writerow((r["path"], r["split"], r["clean"], "" if test else r["random1"], "" if test else r["aggre"]))
os.replace(args.out + ".tmp", args.out)
train = [r for r in rows if r["split"] == "train"]
for column in ("random1", "aggre"):
    wrong = sum(r[column] != r["clean"] for r in train) / len(train)
    print(f"{column}: {len(train)} pictures, {wrong:.4f} wrong")
