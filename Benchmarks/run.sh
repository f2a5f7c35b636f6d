#!/usr/bin/env bash
# Called by `make bench`: runs the comparisons and keeps what they printed under build/bench.
# BENCH picks some of them.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p build/bench
${CC:-cc} -std=gnu99 -O2 -Wall -Wextra -o build/bench/dlopen_rival Benchmarks/dlopen_rival.c -ldl

compare() {
  case $1 in
    runs) python3 Benchmarks/bench.py "$CLI" "$PLUGINS" ;;
    plugins) python3 Benchmarks/many.py "$CLI" build/bench/dlopen_rival ;;
    *) echo "BENCH: there is no comparison $1, only runs and plugins" >&2 && exit 64 ;;
  esac
}

for comparison in ${BENCH:-runs plugins}; do compare "$comparison"; done | tee "build/bench/$(date -u +%Y%m%dT%H%M%SZ).txt"
