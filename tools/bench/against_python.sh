#!/usr/bin/env bash
# Runs our benchmarks and the Python peers' on the same machine, one after the other (docs/performance.md):
#   tools/bench/against_python.sh SHARED [SCRATCH]
# SHARED holds peers/ and datasets/. Python is the one of scripts/bootstrap.sh.
set -euo pipefail
shared=$(cd "${1:?the folder with peers/ and datasets/}" && pwd)
scratch=${2:-$(mktemp -d)}
bin=$(cd "$(dirname "$0")/../.." && pwd)/build/release/bin
deps=${WINNOW_DEPS:-${XDG_CACHE_HOME:-$HOME/.cache}/winnow/deps}
python=$deps/venv/bin/python
export OMP_WAIT_POLICY=passive
mkdir -p "$scratch"
cd "$shared/peers"
echo "load before: $(cut -d' ' -f1-3 /proc/loadavg)"

echo "== training and inference, ResNet-18: ours, then eager PyTorch"
"$bin/bench_training"
env -u OMP_WAIT_POLICY "$python" - "$scratch/torch.json" <<'PY'
import sys
import torch_speed
torch_speed.CASES = [("resnet18_64", torch_speed.resnet18, 64, 64, 10), ("resnet18_224", torch_speed.resnet18, 224, 32, 3)]
sys.argv = ["torch_speed", "--results", sys.argv[1]]
torch_speed.main()
PY

echo "== embedding 400x300 JPEGs at 224: ours, then DataLoader + Pillow + eager PyTorch"
env -u OMP_WAIT_POLICY "$python" embed_pipeline.py --make "$shared/datasets/grocery" --pictures "$scratch/jpegs" --results "$scratch/embed.json" --count 600 --repeats 2
"$bin/bench_embedding" "$scratch/jpegs"
