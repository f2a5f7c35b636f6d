#!/usr/bin/env bash
# Called by `make bench`: runs the comparisons and keeps what they printed under build/bench.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p build/bench
python3 Benchmarks/bench.py "$CLI" "$PLUGINS" | tee "build/bench/$(date -u +%Y%m%dT%H%M%SZ).txt"
