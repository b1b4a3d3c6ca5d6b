#!/usr/bin/env bash
# Installs what winnow needs, in one idempotent pass: system packages, LibTorch (from the Python wheel, in a private
# environment) and FAISS (built from Debian's source package against LibTorch's MKL).
#   scripts/bootstrap.sh            what a build needs
#   scripts/bootstrap.sh --tests    and what the tests need on top (Chromium, playwright-core)
#   scripts/bootstrap.sh --fuzz     and what `make fuzz` needs on top (clang with its sanitizers, OpenBLAS)
# WINNOW_DEPS          where it goes (default ${XDG_CACHE_HOME:-~/.cache}/winnow/deps)
# WINNOW_FAISS_SOURCE  a FAISS source tree of your own to build instead of Debian's
# WINNOW_TORCH         a Python whose torch package is used instead of a private one
set -euo pipefail

deps=${WINNOW_DEPS:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/winnow/deps}
torch_version=2.13.0
extra=${1:-}
here=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$deps/log"

say() { printf 'bootstrap: %s\n' "$*"; }
die() { printf 'bootstrap: %s\n' "$*" >&2; exit 1; }

# Runs a command with its output in a log; shows the log's end when it fails.
quietly() {
  local log="$deps/log/$1.log"; shift
  "$@" >"$log" 2>&1 || { tail -n 25 "$log" >&2; die "failed: $* (whole log: $log)"; }
}

root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
  command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
}

packages=(g++ make cmake ninja-build ccache git ca-certificates python3 python3-venv pkg-config
  libopencv-core-dev libopencv-imgproc-dev libopencv-imgcodecs-dev libopencv-dnn-dev libyaml-cpp-dev
  libspdlog-dev libfmt-dev nlohmann-json3-dev libcli11-dev libcpp-httplib-dev libssl-dev libsqlite3-dev libgtest-dev
  libgmock-dev libbenchmark-dev libjpeg-dev)
source_packages=(dpkg-dev)
test_packages=(chromium nodejs clang-format libopenblas-openmp-dev)

missing_packages() {
  local p
  for p in "$@"; do
    if [ "$p" = nodejs ] && command -v node >/dev/null; then continue; fi
    if [ "$p" = python3-venv ] && python3 -c 'import venv, ensurepip' 2>/dev/null; then continue; fi
    dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'install ok installed' || printf '%s ' "$p"
  done
}

install_packages() {
  local missing
  missing=$(missing_packages "$@")
  [ -z "$missing" ] && { say "system packages: present"; return; }
  may_install || die "these packages are missing and this user may not install them: $missing
  (as root: apt-get install --no-install-recommends $missing)"
  say "system packages: installing $missing"
  quietly apt-update root apt-get update
  # shellcheck disable=SC2086
  quietly apt-install root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing
}

torch_root() { "$1" -c 'import importlib.util as u; print(u.find_spec("torch").submodule_search_locations[0])' 2>/dev/null; }

# A plain install brings the CUDA build on newer Pythons; its libtorch_cpu then needs two small CUDA wheels to load.
install_torch() {
  local py=${WINNOW_TORCH:-$deps/venv/bin/python}
  if [ -z "${WINNOW_TORCH:-}" ] && [ ! -f "$deps/venv/.ready-$torch_version" ]; then
    say "LibTorch $torch_version: installing into $deps/venv"
    [ -x "$py" ] || quietly venv python3 -m venv "$deps/venv"
    quietly pip-torch "$py" -m pip install --no-deps "torch==$torch_version"
    quietly pip-tools "$py" -m pip install numpy pillow typing_extensions filelock fsspec jinja2 networkx 'sympy>=1.13.3'
    if ls "$(torch_root "$py")"/lib/libtorch_cuda.so >/dev/null 2>&1; then
      quietly pip-cuda "$py" -m pip install --no-deps nvidia-cuda-runtime nvidia-cuda-cupti
    fi
    touch "$deps/venv/.ready-$torch_version"
  fi
  torch=$(torch_root "$py") || die "no torch package in $py; unset WINNOW_TORCH to let this script install one"
  say "LibTorch: $torch"
}

# Fetches Debian's FAISS source; the deb-src entry lives in a temporary file only.
fetch_faiss() {
  local work=$1 list
  rm -rf "$work" && mkdir -p "$work/lists/partial"
  list=$(mktemp -d)
  local f
  for f in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list.d/ubuntu.sources; do
    [ -f "$f" ] && sed 's/^Types:.*/Types: deb-src/' "$f" >"$list/src.sources"
  done
  if [ ! -f "$list/src.sources" ]; then
    [ -f /etc/apt/sources.list ] || return 1
    sed -n 's/^deb /deb-src /p' /etc/apt/sources.list >"$list/src.list"
  fi
  local opts=(-o "Dir::Etc::sourcelist=/dev/null" -o "Dir::Etc::sourceparts=$list" -o "Dir::State::lists=$work/lists")
  (cd "$work" && apt-get "${opts[@]}" update && apt-get "${opts[@]}" source --download-only faiss \
    && dpkg-source --no-check -x ./*.dsc source) >"$deps/log/faiss-source.log" 2>&1 || { rm -rf "$list"; return 1; }
  rm -rf "$list"
}

# A FindBLAS and FindLAPACK that answer "LibTorch": its MKL exports the Fortran symbols FAISS calls.
blas_from_torch() {
  mkdir -p "$1"
  local name
  for name in BLAS LAPACK; do
    printf 'set(%s_FOUND TRUE)\nset(%s_LIBRARIES "%s/lib/libtorch_cpu.so")\n' $name $name "$torch" >"$1/Find$name.cmake"
  done
}

install_faiss() {
  local prefix=$deps/faiss work=$deps/build-faiss source=${WINNOW_FAISS_SOURCE:-}
  local wanted=${source:-debian}
  if [ -f "$prefix/.ready" ] && [ "$(cat "$prefix/.ready")" = "$wanted" ]; then
    say "FAISS: $prefix"; return
  fi
  if [ -z "$source" ]; then
    install_packages "${source_packages[@]}"
    say "FAISS: fetching Debian's source package"
    if ! fetch_faiss "$work"; then
      say "FAISS: no source package to be had; WARNING: taking the packaged library, which has no AVX (half the speed)"
      install_packages libfaiss-dev
      return
    fi
    source=$work/source
  fi
  local level=generic target=faiss
  if [ "$(uname -m)" = x86_64 ] && grep -q avx2 /proc/cpuinfo; then level=avx2; target=faiss_avx2; fi
  say "FAISS: building $target from $source (two to six minutes on two cores)"
  blas_from_torch "$work/modules"
  quietly faiss-configure cmake -S "$source" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DFAISS_ENABLE_GPU=OFF -DFAISS_ENABLE_PYTHON=OFF -DFAISS_ENABLE_MKL=OFF -DFAISS_ENABLE_EXTRAS=OFF \
    -DFAISS_ENABLE_C_API=OFF -DBUILD_TESTING=OFF -DBUILD_SHARED_LIBS=OFF -DFAISS_OPT_LEVEL=$level \
    -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DCMAKE_MODULE_PATH="$work/modules" \
    -DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache
  quietly faiss-build cmake --build "$work/build" --target $target
  rm -rf "$prefix" && mkdir -p "$prefix/lib" "$prefix/include"
  cp "$work/build/faiss/lib$target.a" "$prefix/lib/"
  (cd "$source" && find faiss -name '*.h' -not -path '*/gpu/*' -exec cp --parents {} "$prefix/include/" \;)
  printf '%s' "$wanted" >"$prefix/.ready"
  rm -rf "$work"
  say "FAISS: $prefix"
}

install_test_tools() {
  install_packages "${test_packages[@]}"
  [ -d "$deps/node/node_modules/playwright-core" ] && { say "playwright-core: present"; return; }
  if ! command -v npm >/dev/null; then
    may_install && install_packages npm
  fi
  say "playwright-core: installing"
  mkdir -p "$deps/node"
  quietly npm npm install --prefix "$deps/node" --no-audit --no-fund --ignore-scripts playwright-core
}

# The sanitizers' and OpenMP's packages carry clang's version in their names.
install_fuzz_tools() {
  install_packages clang libopenblas-openmp-dev
  local version
  version=$(clang -dumpversion)
  version=${version%%.*}
  install_packages "libclang-rt-$version-dev" "libomp-$version-dev"
}

install_packages "${packages[@]}"
install_torch
install_faiss
case $extra in
  --tests) install_test_tools ;;
  --fuzz) install_fuzz_tools ;;
esac
say "ready in $deps"
