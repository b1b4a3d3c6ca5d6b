#!/usr/bin/env bash
# Builds the libFuzzer targets (clang, ASan and UBSan, no Torch) in build/fuzz and runs one after the other:
#   tools/dev/fuzz.sh [SECONDS [TARGET...]]        60 seconds each by default; a target is tests/fuzz/TARGET_target.cpp
# Inputs that reach new code stay in build/fuzz/inputs for the next run; what breaks a target, and its report, go to
# build/fuzz/found. Ends with 1 when one was broken.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-60}
shift || true
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  for file in tests/fuzz/*_target.cpp; do targets+=("$(basename "$file" _target.cpp)"); done
fi
scripts/build.sh fuzz "${targets[@]/#/fuzz_}"

found=build/fuzz/found
mkdir -p "$found"
broken=0
printf '%-10s %12s %10s %9s  %s\n' target runs 'a second' coverage result
for target in "${targets[@]}"; do
  inputs=build/fuzz/inputs/$target log=$found/$target.log result=clean
  mkdir -p "$inputs"
  if ! "build/fuzz/bin/fuzz_$target" -max_total_time="$seconds" -timeout=60 -rss_limit_mb=2048 -print_final_stats=1 \
      -artifact_prefix="$found/$target-" "$inputs" "tests/fuzz/corpus/$target" >"$log" 2>&1; then
    result="BROKEN, see $log"
    broken=1
  fi
  stat() { sed -n "s/^stat::$1: *//p" "$log"; }
  coverage=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
  printf '%-10s %12s %10s %9s  %s\n' "$target" "$(stat number_of_executed_units)" "$(stat average_exec_per_sec)" \
    "${coverage:-?}" "$result"
done
exit $broken
