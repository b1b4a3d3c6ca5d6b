#!/usr/bin/env bash
# Installs the package and builds examples/search_service against it, without Torch: install_test.sh SOURCE BUILD
set -euo pipefail
source=$1 build=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$build" --prefix "$work/prefix" >"$work/log" 2>&1 || { tail -20 "$work/log"; exit 1; }
cmake -S "$source/examples/search_service" -B "$work/example" -DCMAKE_PREFIX_PATH="$work/prefix" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
cmake --build "$work/example" >"$work/log" 2>&1 || { tail -40 "$work/log"; exit 1; }
if ldd "$work/example/search_service" | grep -i torch; then echo "component search must not need Torch"; exit 1; fi
# No index there: a clear error and the data exit code prove that the library is linked and runs.
code=0
"$work/example/search_service" "$work/no-index" 1 2>"$work/err" || code=$?
[ "$code" = 4 ] && grep -q no-index "$work/err" || { echo "exit $code"; cat "$work/err"; exit 1; }
"$work/prefix/bin/winnow" --version
