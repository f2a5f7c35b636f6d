#!/usr/bin/env bash
# Installs what tests use beyond the Swift toolchain. A test whose tool is missing says so and skips.
set -euo pipefail

packages=()
command -v strace >/dev/null || packages+=(strace)
command -v setpriv >/dev/null || packages+=(util-linux)
command -v readelf >/dev/null || packages+=(binutils)
command -v gcc >/dev/null || packages+=(gcc libc6-dev)
command -v g++ >/dev/null || packages+=(g++)
command -v abidiff >/dev/null || packages+=(abigail-tools)
command -v ssh-keygen >/dev/null || packages+=(openssh-client)
command -v python3 >/dev/null || packages+=(python3)
# Of the sqlite plugin.
[ -e /usr/include/sqlite3.h ] || packages+=(libsqlite3-dev)
if [ "${#packages[@]}" -gt 0 ]; then
  apt-get update -q
  apt-get install -q -y --no-install-recommends "${packages[@]}"
fi

# The judge of Arrow streams. Its tests skip where it cannot be had.
python3 -c 'import pyarrow' 2>/dev/null || python3 -m pip install --quiet 'pyarrow==26.0.1' ||
  echo "pyarrow could not be installed: the tests that use it will be skipped."

# Another validator of JSON Schema. Its tests skip where it cannot be had.
python3 -c 'import jsonschema' 2>/dev/null || python3 -m pip install --quiet 'jsonschema==4.26.0' ||
  echo "jsonschema could not be installed: the tests that use it will be skipped."
