#!/usr/bin/env bash
# Experiments B, C and E of the reference (losses.md 8.4) through the real trainer, then their thresholds.
#   tools/experiments/run.sh OUT [b|c|e ...]      SEEDS=seed-1 runs one seed of each; a second call goes on where one stopped
# B needs CIFAR-10N in ${WINNOW_SHARED:-../shared}/datasets/cifar10n and is left out, with a line, where that is absent.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=build/release/bin
export WINNOW_EXPERIMENTS=${1:?usage: tools/experiments/run.sh OUT [b|c|e ...]} OMP_WAIT_POLICY=passive
shift
cifar=${WINNOW_SHARED:-../shared}/datasets/cifar10n
failed=0
for experiment in "${@:-b c e}"; do
  for e in $experiment; do
    if [ "$e" = b ] && [ ! -f "$cifar/images.csv" ]; then
      echo "experiment b: left out, $cifar is absent"
      continue
    fi
    if [ "$e" = b ]; then data=cifar; else data=identities; fi
    [ -f "$WINNOW_EXPERIMENTS/$data/test.csv" ] ||
      $bin/experiment_data $data "$WINNOW_EXPERIMENTS/$data" $([ "$e" = b ] && echo --cifar "$cifar")
    $bin/winnow sweep "configs/sweeps/experiment-$e.yaml" --out "$WINNOW_EXPERIMENTS/$e" ${SEEDS:+--only "$SEEDS"} --quiet
    if [ "$e" = e ]; then
      for q in "$WINNOW_EXPERIMENTS"/e/*/*/seed-*/last-queries; do
        [ -f "${q%/*}/tar.json" ] && continue
        $bin/winnow eval face --protocol all-pairs --embeddings "$q" --bootstrap 0 --json > "${q%/*}/tar.tmp"
        mv "${q%/*}/tar.tmp" "${q%/*}/tar.json"
      done
    fi
    python3 tools/experiments/check.py "$e" "$WINNOW_EXPERIMENTS/$e" || failed=1
  done
done
exit $failed
