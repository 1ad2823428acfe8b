#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh BUILD [RUNS [SEED [SECONDS]]]: every fuzzer of BUILD. With SECONDS each runs for so long, led by what its inputs reach; what
# reached something new is added to BUILD/fuzz/NAME.hex, which begins as tests/fuzz/kept/NAME.hex. KEEP=1 copies it back there.
set -eu
build=$1 runs=${2:-5000000} seed=${3:-$(date +%s)} seconds=${4:-}
here=$(dirname "$0")
mkdir -p "$build/fuzz"
for fuzzer in "$build"/tests/fuzz/fuzz-*; do
  if ! test -f "$fuzzer" || ! test -x "$fuzzer"; then continue; fi
  name=${fuzzer##*/fuzz-}
  kept=$build/fuzz/$name.hex
  test -f "$kept" || cp "$here/kept/$name.hex" "$kept" 2>/dev/null || : >"$kept"
  echo "$name"
  # shellcheck disable=SC2086  # no SECONDS is no argument
  ASAN_OPTIONS=detect_leaks=0 "$fuzzer" "$runs" "$seed" "$kept" $seconds
  test -z "${KEEP:-}" || LC_ALL=C sort -u "$kept" | awk '{ print length ($0), $0 }' | sort -n | cut -d' ' -f2- >"$here/kept/$name.hex"
done
