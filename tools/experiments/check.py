#!/usr/bin/env python3
"""Table and thresholds of an experiment of losses.md 8.4: check.py b|c|e FOLDER (a sweep's --out).

Means over the seeds that were run, last epoch. Exit 1 when a threshold is missed or its runs are absent."""
import json
import math
import os
import sys


def rows_of(folder):
    """{(data, method): {metric: mean}}, number of seeds, {method: told}"""
    rows = json.load(open(os.path.join(folder, "results.json")))["rows"]
    groups, told = {}, {}
    for row in rows:
        last = dict(row["last"], seconds=row["seconds"])
        tar = os.path.join(folder, row["data"], row["method"], f"seed-{row['seed']}", "tar.json")
        if os.path.exists(tar):
            last["tar@far=0.001"] = json.load(open(tar))["metrics"]["tar@far=0.001"]
        groups.setdefault((row["data"], row["method"]), []).append(last)
        told[row["method"]] = row["told"] or "nothing"
    means = {key: {name: sum(r[name] for r in runs if name in r) / sum(name in r for r in runs)
                   for name in set().union(*runs)} for key, runs in groups.items()}
    return means, sorted({row["seed"] for row in rows}), told


def table(means, told, metrics):
    names = list(dict.fromkeys(data for data, _ in means))
    print("| method | told | " + " | ".join(f"{d}: {' / '.join(m)}" for d, m in ((d, metrics) for d in names)) + " |")
    print("|---" * (len(names) + 2) + "|")
    for method in dict.fromkeys(m for _, m in means):
        cells = [" / ".join(f"{means[d, method][k]:.3f}" if k in means.get((d, method), {}) else "-" for k in metrics)
                 for d in names]
        print(f"| {method} | {told[method]} | " + " | ".join(cells) + " |")


def checks_b(v):
    acc, mapr, mem = "val.accuracy", "map@r", "train.memorised"
    for m in ("nce_rce", "seccnn"):
        yield f"sym50 {m}: accuracy - ce >= .12", v("sym50", m, acc) - v("sym50", "ce", acc), .12, None
        yield f"sym50 {m}: map@r / ce >= 1.7", v("sym50", m, mapr) / v("sym50", "ce", mapr), 1.7, None
        yield f"sym50 {m}: memorised <= .30", v("sym50", m, mem), None, .30
    yield "sym50 ce: memorised >= .85", v("sym50", "ce", mem), .85, None
    yield ("sym50 seccnn floor .55 memorises >= 2 x floor .3",
           v("sym50", "seccnn_floor55", mem) / v("sym50", "seccnn_floor30", mem), 2, None)
    for m in ("gce", "sce", "nce_rce", "elr", "seccnn", "robust"):
        yield f"clean {m}: accuracy - ce >= -.03", v("clean", m, acc) - v("clean", "ce", acc), -.03, None
    yield "asym40 seccnn: accuracy - ce >= .01", v("asym40", "seccnn", acc) - v("asym40", "ce", acc), .01, None
    yield "sym50 seccnn h .05 unguarded collapses < .30", v("sym50", "seccnn_h05_unguarded", acc), None, .30
    yield "sym50 seccnn h .1 guarded does not > .40", v("sym50", "seccnn_h10_guarded", acc), .40, None
    best = max(v("random1", m, acc) for m in ("nce_rce", "seccnn", "robust"))
    yield "random1 best robust: accuracy - ce >= .05 (stretch)", best - v("random1", "ce", acc), .05, None


def checks_c(v):
    m = "map@r"
    clean = v("clean", "mcl", m)
    yield "closed50 mcl / clean mcl <= .6", v("closed50", "mcl", m) / clean, None, .6
    lost = clean - v("closed50", "mcl", m)
    yield "closed50 mcl_prism (true rate) recovers >= .8", (v("closed50", "mcl_prism", m) - v("closed50", "mcl", m)) / lost, .8, None
    yield "closed50 recipe - mcl_prism >= -.01", v("closed50", "recipe", m) - v("closed50", "mcl_prism", m), -.01, None
    yield "closed50 recipe / clean recipe >= .95", v("closed50", "recipe", m) / v("clean", "recipe", m), .95, None
    yield "clean recipe - mcl >= -.01", v("clean", "recipe", m) - clean, -.01, None


def checks_e(v):
    m, tar = "map@r", "tar@far=0.001"
    for noise in ("closed20", "closed50"):
        yield f"{noise} subcentre - arcface >= .02", v(noise, "subcentre", m) - v(noise, "arcface", m), .02, None
    yield "closed50 curricularface - arcface <= .02", v("closed50", "curricularface", m) - v("closed50", "arcface", m), None, .02
    yield "closed50 seccnn_arc - arcface >= .25", v("closed50", "seccnn_arc", m) - v("closed50", "arcface", m), .25, None
    yield "closed50 nce_rce - arcface >= .35", v("closed50", "nce_rce", m) - v("closed50", "arcface", m), .35, None
    yield "open40 ungated swap collapses: TAR < .5", v("open40", "swap_ungated", tar), None, .5
    yield "open40 gated swap does not: TAR > .75", v("open40", "swap_gated", tar), .75, None
    for head in ("normface", "curricularface", "subcentre", "boundaryface", "sface", "noise_tolerant", "nce_rce", "recipe"):
        yield f"clean {head}: TAR - arcface >= -.05", v("clean", head, tar) - v("clean", "arcface", tar), -.05, None


EXPERIMENTS = {"b": (checks_b, ("val.accuracy", "map@r", "train.memorised")),
               "c": (checks_c, ("map@r", "recall@1", "train.rate_estimate")),
               "e": (checks_e, ("tar@far=0.001", "map@r"))}


def main():
    checks, metrics = EXPERIMENTS[sys.argv[1]]
    means, seeds, told = rows_of(sys.argv[2])
    print(f"experiment {sys.argv[1].upper()}, seeds {', '.join(map(str, seeds))}, last epoch, mean\n")
    table(means, told, metrics)
    print()
    missed = 0
    for what, value, least, most in checks(lambda data, method, metric: means.get((data, method), {}).get(metric, math.nan)):
        if math.isnan(value):
            missed += 1
            print(f"not run         {what}")
            continue
        held = (least is None or value >= least) and (most is None or value <= most)
        missed += not held
        print(f"{'holds ' if held else 'MISSED'}  {value:7.3f}  {what}")
    print(f"\n{missed} thresholds missed or not run" if missed else "\nall thresholds hold")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
