#!/usr/bin/env bash
# The main job, as a user would do it: look at the plugins, run a pipeline over real tables, verify what it left, see a
# bad plugin refused. Called by `make demo`.
set -euo pipefail
cd "$(dirname "$0")/../.."

show() { # prints a command, then runs it
  printf '\n$ %s\n' "$*"
  "$@"
}
omphalos() { "$CLI" "$@"; }

# Finalized runs are read-only. One that an older version made may differ, and this is a demonstration, not an archive.
if [ -d "$OUT" ]; then chmod -R u+w "$OUT" && rm -rf "$OUT"; fi
mkdir -p "$OUT"

show omphalos plugins list --plugins "$PLUGINS"
show omphalos run ExamplePlugins/demo/pipeline.yaml --plugins "$PLUGINS" --hermetic --output-root "$OUT/runs"
run=$(omphalos run ExamplePlugins/demo/pipeline.yaml --plugins "$PLUGINS" --hermetic --output-root "$OUT/runs" --no-rerun --quiet)
show omphalos verify "$run"

# A plugin file that lost its end on the way here.
mkdir -p "$OUT/refused"
head -c 4000 "$PLUGINS/csv.so" >"$OUT/refused/csv.so"
printf '\n$ omphalos plugins list --plugins %s   # a csv.so that was cut off in transfer\n' "$OUT/refused"
omphalos plugins list --plugins "$OUT/refused"

cat <<TEXT

Where to look next:
  $run/exports/                          what was made
  $run/run_manifest.json                 every file with its digest
  $run/reports/plugins.json              which plugin bytes made it
  $run/lineage/lineage.jsonl             what came from what
  docs/operators.md, docs/vendors.md, docs/reviewers.md
TEXT
