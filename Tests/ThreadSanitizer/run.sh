#!/usr/bin/env bash
# Runs the tests of the plugin interface and of the store under ThreadSanitizer. Exit: 0 without a report; 77 where there
# is no sanitizer. Before that it shows on a program of its own that a race is reported and correct locking is not.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
build=$root/.build-tsan
suites=${TSAN_SUITES:-PluginABITests|ArtifactStoreTests}
annotations=$build/mutex_annotations.so
control=$build/seeded_race
mkdir -p "$build"

clang -std=c11 -O1 -Wall -Wextra -Werror -fPIC -shared -o "$annotations" "$here/mutex_annotations.c" -ldl
if ! swiftc -g -Onone -sanitize=thread -o "$control" "$here/seeded_race.swift" 2>"$build/control.log"; then
  echo "skipped: this toolchain has no ThreadSanitizer"; cat "$build/control.log"
  exit 77
fi
# 66 is the sanitizer's exit code after a report.
export TSAN_OPTIONS="exitcode=66 ${TSAN_OPTIONS:-}"

# What the sanitizer says of one way to count: "reported" or "silent".
verdict() {
  local status=0
  env ${2:+LD_PRELOAD="$2"} "$control" "$1" >"$build/control.log" 2>&1 || status=$?
  case $status in
    0) echo silent ;;
    66) echo reported ;;
    *) cat "$build/control.log" >&2; echo "ended with $status" ;;
  esac
}

expect() {
  if [ "$2" != "$3" ]; then
    echo "ThreadSanitizer: $1: found $2, wanted $3" >&2
    cat "$build/control.log" >&2
    exit 1
  fi
  echo "ThreadSanitizer: $1: $2"
}

expect "a race" "$(verdict bare "$annotations")" reported
expect "correct use of a Mutex" "$(verdict guarded "$annotations")" silent
if [ "$(verdict guarded)" = silent ]; then
  echo "note: without mutex_annotations.c it is silent, too; it may not be needed any more"
fi

cd "$root"
export OMPHALOS_SANITIZED=1 # Package.swift then lets the libraries see the sanitizer's runtime
swift build -j "${JOBS:-$(nproc)}" --build-tests --scratch-path "$build" --sanitize=thread
# Without it neither these annotations nor those of Swift's own runtime find the sanitizer: everything is a race then.
if ! nm -D --defined-only "$(swift build --show-bin-path --scratch-path "$build" --sanitize=thread)"/*.xctest |
  grep ' __tsan_acquire$' >/dev/null; then
  echo "ThreadSanitizer: the tests' executable does not export __tsan_acquire; see hidingSymbols in Package.swift" >&2
  exit 1
fi
LD_PRELOAD=$annotations swift test --skip-build --scratch-path "$build" --sanitize=thread --filter "$suites"
