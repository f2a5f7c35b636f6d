#!/usr/bin/env bash
# Called by `make fuzz`: feeds each parser for FUZZ_SECONDS seconds and fails if an input crashed one.
# FUZZ_TARGETS picks some of them. Inputs that found something new are kept in build/fuzz for the next time.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${FUZZ_SECONDS:-60}
targets=${FUZZ_TARGETS:-elf notes json pipeline loader-cache arrow-schema configuration-schema signature allowed-signers policy lock}
fuzz=.build-fuzz/release/fuzz

# The sanitizers report a crash themselves; Swift's own report would come in their way.
export SWIFT_BACKTRACE=enable=no
# What Swift's runtime keeps for good is no leak; a real one runs into the limit of memory.
export ASAN_OPTIONS=detect_leaks=0

OMPHALOS_FUZZ=1 swift build -c release --package-path Fuzz --scratch-path .build-fuzz --product fuzz \
  --sanitize=address -Xswiftc -sanitize=fuzzer -Xswiftc -enable-testing -Xcc -fsanitize=fuzzer-no-link
python3 Fuzz/seeds.py build/fuzz/seeds
mkdir -p Fuzz/crashes

# Options of libFuzzer that differ between parsers. Files and texts of real use are longer than its default.
options() {
  case $1 in
    elf) echo "-max_len=65536 -dict=Fuzz/dictionaries/elf.dict" ;;
    notes | json) echo "-max_len=16384 -dict=Fuzz/dictionaries/json.dict" ;;
    pipeline | policy | lock) echo "-max_len=8192 -dict=Fuzz/dictionaries/yaml.dict" ;;
    configuration-schema) echo "-max_len=4096 -dict=Fuzz/dictionaries/schema.dict" ;;
    *) echo "-max_len=4096 -dict=Fuzz/dictionaries/$1.dict" ;;
  esac
}

total=0
failed=()
for target in $targets; do
  found=build/fuzz/corpus/$target log=build/fuzz/$target.log
  mkdir -p "$found"
  seeds=()
  for folder in "Fuzz/corpus/$target" "build/fuzz/seeds/$target"; do [ -d "$folder" ] && seeds+=("$folder"); done
  # shellcheck disable=SC2046 # each option is a word
  FUZZ_TARGET=$target "$fuzz" $(options "$target") -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="Fuzz/crashes/$target-" "$found" "${seeds[@]}" >"$log" 2>&1 \
    || failed+=("$target")
  count=$(awk '/^stat::number_of_executed_units:/ { print $2 }' "$log")
  covered=$(grep -o 'cov: [0-9]*' "$log" | tail -1 | cut -d' ' -f2 || true)
  printf '%-21s %10d executions, %5d edges covered, log %s\n' "$target" "${count:-0}" "${covered:-0}" "$log"
  total=$((total + ${count:-0}))
done
printf '%-21s %10d executions\n' "in all" "$total"

for target in "${failed[@]}"; do
  echo "fuzz: $target failed:" >&2
  grep -E '^fuzz: |^(==[0-9]+==)? ?ERROR|^SUMMARY|Test unit written' "build/fuzz/$target.log" >&2 || tail -5 "build/fuzz/$target.log" >&2
  echo "  again with: SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0 FUZZ_TARGET=$target $fuzz FILE" >&2
done
[ ${#failed[@]} -eq 0 ]
