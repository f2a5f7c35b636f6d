#!/usr/bin/env bash
# Builds the plugins of this folder against the frozen header beside it. They were built once, when 1.0 was frozen, and
# are kept as they came out: build again only to look at how.
#
# usage: build.sh DIRECTORY    needs the Swift toolchain; the command line program's plugin declare wrote declaration.swift
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$1
include=$(mktemp -d)
trap 'rm -rf "$include"' EXIT
mkdir -p "$include/omphalos" "$out"
cp "$here/../plugin.h" "$here/../arrow.h" "$include/omphalos/"
printf 'module COmphalos [system] {\n  header "omphalos/arrow.h"\n  header "omphalos/plugin.h"\n  export *\n}\n' > "$include/module.modulemap"
link=(-shared -fPIC -Os -fvisibility=hidden -Wl,-z,now -Wl,--build-id=sha1 -Wl,-s -I "$include")
clang -std=c99 -Wall -Wextra -Werror "${link[@]}" -o "$out/everything.so" "$here/everything.c"
clang++ -std=c++17 -Wall -Wextra -Werror -fno-exceptions -fno-rtti -nostdlib++ "${link[@]}" -o "$out/sum.so" "$here/sum.cpp"
# Swift without its runtime: a plugin of a few KiB that needs nothing but libc.
swiftc -swift-version 6 -parse-as-library -module-name Tally -Osize -wmo -enable-experimental-feature Embedded -emit-library \
  -I "$include" -Xlinker -z -Xlinker now -Xlinker --build-id=sha1 -Xlinker -s -o "$out/tally.so" "$here/tally.swift" "$here/declaration.swift"
