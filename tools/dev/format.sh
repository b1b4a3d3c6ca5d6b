#!/usr/bin/env bash
# Formats our own C++ with clang-format; --check fails on a difference instead. The output differs between versions, so
# the version of Debian 12 (14) is the one that counts.
set -euo pipefail
cd "$(dirname "$0")/../.."
tool=$(command -v clang-format-14 || command -v clang-format) || { echo "format: clang-format is missing" >&2; exit 1; }
mapfile -t files < <(git ls-files --cached --others --exclude-standard '*.h' '*.cpp')
if [ "${1:-}" = "--check" ]; then
  "$tool" --dry-run -Werror "${files[@]}"
else
  "$tool" -i "${files[@]}"
fi
