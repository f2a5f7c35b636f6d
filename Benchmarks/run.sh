#!/usr/bin/env bash
# Called by `make bench`: runs the comparisons and keeps what they printed under build/bench.
# BENCH picks some of them.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p build/bench
${CC:-cc} -std=gnu99 -O2 -Wall -Wextra -o build/bench/dlopen_rival Benchmarks/dlopen_rival.c -ldl
${CC:-cc} -std=gnu99 -O2 -Wall -Wextra -o build/bench/store_rival Benchmarks/store_rival.c
mkdir -p build/bench/plugins
${CC:-cc} -std=gnu99 -O2 -Wall -Wextra -shared -fPIC -fvisibility=hidden -I include -o build/bench/plugins/store.so Benchmarks/store_plugin.c

compare() {
  case $1 in
    runs) python3 Benchmarks/bench.py "$CLI" "$PLUGINS" ;;
    plugins) python3 Benchmarks/many.py "$CLI" build/bench/dlopen_rival ;;
    store) python3 Benchmarks/store.py "$CLI" build/bench/store_rival build/bench/plugins ;;
    *) echo "BENCH: there is no comparison $1, only runs, plugins and store" >&2 && exit 64 ;;
  esac
}

for comparison in ${BENCH:-runs plugins store}; do compare "$comparison"; done | tee "build/bench/$(date -u +%Y%m%dT%H%M%SZ).txt"
