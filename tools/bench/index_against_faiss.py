#!/usr/bin/env python3
"""Index types of winnow beside the faiss-cpu wheel in one run: same vectors, threads and probes; ours first, then the wheel.

    bench_ann make /tmp/ann                                    1,000,000 x 128 vectors, 2,000 queries, exact neighbours
    python index_against_faiss.py --bench build/release/bin/bench_ann --prefix /tmp/ann IVF1024,Flat HNSW32 ...

The Python needs numpy and faiss. A wheel's type may differ from ours, as in IVF1024,PQ32x8np=IVF1024,PQ32x8np,RFlat: winnow
scores candidates again from the stored vectors by itself."""
import argparse
import json
import os
import subprocess
import time

PROBES = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512]


def ours(a, factory):
    env = dict(os.environ, OMP_NUM_THREADS=str(a.threads), OMP_WAIT_POLICY="passive")
    keep = [f"keep={kept(a, 'winnow', factory)}"] if a.keep else []
    out = subprocess.run([a.bench, a.prefix, str(a.dim), factory, *keep, *map(str, probes(factory))], env=env, check=True,
                         capture_output=True, text=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def kept(a, who, factory):
    return os.path.join(a.keep, f"{who}-{factory}.faiss")


def probes(factory):
    return [0] if factory.startswith(("Flat", "SQ")) else [p for p in PROBES if p >= (10 if "HNSW" in factory else 1)]


def wheel(a, factory):
    import faiss
    import numpy as np
    faiss.omp_set_num_threads(a.threads)
    x = np.fromfile(a.prefix + "x.f32", "f4").reshape(-1, a.dim)
    y = np.fromfile(a.prefix + "y.f32", "f4").reshape(-1, a.dim)
    truth = np.fromfile(a.prefix + "t.i64", "i8").reshape(len(y), -1)
    file = kept(a, "wheel", factory) if a.keep else ""
    known = os.path.exists(file)
    index = faiss.read_index(file) if known else faiss.index_factory(a.dim, factory, faiss.METRIC_INNER_PRODUCT)
    base = faiss.downcast_index(index.base_index) if factory.endswith("RFlat") else index
    if factory.endswith("RFlat"):
        index.k_factor = 10
    lists = getattr(base, "nlist", 1)
    sample = np.random.default_rng(1).choice(len(x), min(len(x), max(65536, 64 * lists)), replace=False)
    start = time.perf_counter()
    if not known:
        index.train(x[np.sort(sample)])
    trained = time.perf_counter()
    if not known:
        index.add(x)
    added = time.perf_counter()
    if file and not known:
        faiss.write_index(index, file)
    yield {"what": "build", "train_s": round(trained - start, 1), "add_s": round(added - trained, 1),
           "index_mib": round(len(faiss.serialize_index(index)) / 2**20, 1), "faiss": faiss.__version__}
    for probe in probes(factory):
        if hasattr(base, "nprobe"):
            base.nprobe = probe
        if hasattr(base, "hnsw"):
            base.hnsw.efSearch = probe
        walls = []
        for _ in range(3):
            start = time.perf_counter()
            _, ids = index.search(y, truth.shape[1])
            walls.append(time.perf_counter() - start)
        recall = float(np.mean([len(set(i) & set(t)) / len(t) for i, t in zip(ids, truth)]))
        yield {"what": "search", "probe": probe, "recall": round(recall, 4), "qps": round(len(y) / min(walls))}
        if recall >= 0.99:
            return


def at(rows, target):
    reached = [r for r in rows if r["what"] == "search" and r["recall"] >= target]
    return f"{reached[0]['qps']:,} (probe {reached[0]['probe']}, {reached[0]['recall']:.3f})" if reached else "not reached"


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("types", nargs="+")
    ap.add_argument("--bench", required=True)
    ap.add_argument("--prefix", required=True)
    ap.add_argument("--dim", type=int, default=128)
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--only", choices=["winnow", "wheel"], help="one side, when a build takes long")
    ap.add_argument("--keep", metavar="DIR", help="keep built indexes there, and take those of earlier runs (build times 0)")
    ap.add_argument("--json", help="append every row to this file")
    a = ap.parse_args()
    for spec in a.types:
        mine, _, theirs = spec.partition("=")
        for who, factory, run in (("winnow", mine, ours), ("wheel", theirs or mine, wheel)):
            if a.only not in (None, who):
                continue
            rows = list(run(a, factory))
            b = rows[0]
            print(f"| {factory} | {who}, FAISS {b['faiss']} | {b['train_s']:.0f} + {b['add_s']:.0f} s | {b['index_mib']:.0f} | "
                  f"{at(rows, 0.95)} | {at(rows, 0.99)} |", flush=True)
            if a.json:
                with open(a.json, "a") as f:
                    f.write(json.dumps({"who": who, "factory": factory, "rows": rows}) + "\n")


if __name__ == "__main__":
    main()
