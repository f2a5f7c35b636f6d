#!/bin/sh
# Builds plugins and driver with AddressSanitizer and UndefinedBehaviorSanitizer (leaks count) and runs the tests on them.
# ROUND_TRIPS: how many random files (default 200; each runs in a process of its own).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
CC=${CC:-clang}
if ! echo 'int main(void) { return 0; }' | $CC -fsanitize=address,undefined -x c - -o /dev/null 2>/dev/null; then
  echo "skipped: $CC has no sanitizer runtime"
  exit 77
fi
# gold warns of every symbol of the runtime; lld, which the Swift toolchain brings, does not.
linker=-fuse-ld=lld
echo 'int main(void) { return 0; }' | $CC $linker -x c - -o /dev/null 2>/dev/null || linker=
make -C "$root/ExamplePlugins" asan
driver=$root/build/plugins-asan/plugin_driver
# The C++ library must be there from the start: AddressSanitizer looks for its __cxa_throw once, before any plugin.
$CC -std=c11 -D_GNU_SOURCE -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer \
  -I "$root/include" "$here/plugin_driver.c" "$here/driver.c" "$here/fake_host.c" "$here/checked_stream.c" \
  $linker -o "$driver" -ldl -Wl,--no-as-needed -lstdc++
export OMPHALOS_PLUGINS="$root/build/plugins-asan" PLUGIN_TEST_DRIVER="$driver" ROUND_TRIPS="${ROUND_TRIPS:-200}"
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1}"
python3 "$here/round_trips.py"
python3 "$here/exporters.py"
python3 "$here/sqlite_exporter.py" || [ $? = 77 ]
