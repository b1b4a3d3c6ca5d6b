#!/usr/bin/env bash
# Configures (once) and builds a preset: scripts/build.sh [release|dev|asan|tsan|...] [target...]
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${1:-release}
shift || true
if [ ! -f "build/$preset/build.ninja" ]; then
  cmake --preset "$preset" || { echo "build: configuring failed; the message above names the part and the fix" >&2; exit 1; }
fi
targets=()
[ $# -gt 0 ] && targets=(--target "$@")
cmake --build "build/$preset" -j "${WINNOW_JOBS:-$(nproc)}" "${targets[@]}"
