#!/usr/bin/env bash
# Exact retrieval evaluation beside pytorch-metric-learning's AccuracyCalculator, one after the other on the same vectors
# (docs/performance.md):
#   tools/bench/eval_against_pml.sh SHARED PYTHON [SCRATCH]
# SHARED holds peers/; PYTHON has numpy, torch, faiss and pytorch-metric-learning. The peer runs its own script, whose
# vectors (seed 5) are made again here for ours; then ours alone with 10 classes of 5,000, where the calculator's list of
# R neighbours would be as long as a class.
set -euo pipefail
shared=$(cd "${1:?the folder with peers/}" && pwd)
python=${2:?a Python with pytorch-metric-learning}
scratch=${3:-$(mktemp -d)}
bench=$(cd "$(dirname "$0")/../.." && pwd)/build/release/bin/bench_eval
mkdir -p "$scratch"
"$python" - "$scratch" <<'PY'
import sys
import numpy as np
n = 50000
for members in (100, 5000):
    rng = np.random.default_rng(5)
    centre = rng.standard_normal((n // members, 128)).astype("f4")
    label = np.repeat(np.arange(n // members), members)
    x = centre[label] + 2.5 * rng.standard_normal((n, 128)).astype("f4")
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    order = rng.permutation(n)
    np.save(f"{sys.argv[1]}/x{members}.npy", x[order])
    np.save(f"{sys.argv[1]}/y{members}.npy", label[order])
PY
echo "load before: $(cut -d' ' -f1-3 /proc/loadavg)"
echo "== AccuracyCalculator, 500 classes of 100: recall@1, R-precision, MAP@R"
(cd "$shared/peers" && "$python" pml_accuracy_speed.py --sizes 50000 --repeats "${REPEATS:-2}" --results "$scratch/pml.json")
echo "== winnow, the same vectors, the same three metrics"
"$bench" "$scratch/x100.npy" "$scratch/y100.npy" "${REPEATS:-2}" recall@1,r_precision,map@r
echo "== winnow, the same vectors: those, average precision over the whole ranking and the rest"
"$bench" "$scratch/x100.npy" "$scratch/y100.npy" "${REPEATS:-2}"
echo "== winnow, 10 classes of 5,000"
"$bench" "$scratch/x5000.npy" "$scratch/y5000.npy" "${REPEATS:-2}"
