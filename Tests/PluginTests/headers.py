#!/usr/bin/env python3
"""Compiles the public headers as every C and C++ that vendors use, with every warning that vendors turn on.

Compilers that are not there are named and left out; with none at all the exit code is 77.
"""
import itertools
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
WARNINGS = "-Wall -Wextra -Wpedantic -Wconversion -Wpadded -Werror".split()
HEADERS = ("omphalos/plugin.h", "omphalos/arrow.h")
# Each header alone and both in either order, so that none leans on the other; then all that a vendor writes by hand.
SOURCES = {"%d headers, %s first" % (len(order), order[0]): "".join("#include <%s>\n" % h for h in order)
           for count in (1, 2) for order in itertools.permutations(HEADERS, count)}
SOURCES["a hand-written plugin"] = r'''
#include <omphalos/plugin.h>
OMPHALOS_DECLARE("com.example.hello", "1.0.0", "Example", "MIT", "Says hello", "compatible", 0, 0,
                 "[{\"kind\":\"exporter\",\"name\":\"hello\",\"interface_version\":1}]");
static int32_t run(void *state, const omphalos_call *call, const omphalos_dataset *const *inputs, size_t count) {
  static const char text[] = "hello\n";
  (void)state, (void)inputs, (void)count;
  return call->store->put(call->handle, "exports/hello.txt", 17, NULL, text, sizeof text - 1);
}
static const omphalos_exporter exporter = {sizeof exporter, 0, run};
static const omphalos_capability hello = {sizeof hello, OMPHALOS_EXPORTER, 1, 0, "hello", NULL, &exporter};
static const omphalos_capability *const capabilities[] = {&hello};
static const omphalos_plugin plugin = {
    sizeof plugin, OMPHALOS_ABI_MAJOR, 0, OMPHALOS_ABI_MINOR, OMPHALOS_ABI_DRAFT, 0, "com.example.hello", "1.0.0",
    "Example", "MIT", "Says hello", OMPHALOS_HERMETIC_COMPATIBLE, 0, 1, 0, capabilities, NULL, NULL};
const omphalos_plugin *omphalos_plugin_v1(uint32_t host_minor) {
  return OMPHALOS_HAS(&plugin, omphalos_plugin, shutdown) && host_minor < 1000 ? &plugin : NULL;
}
'''
C = ("c", ("c99", "c11", "c17"))
CXX = ("c++", ("c++11", "c++17", "c++20"))


def combinations():
    for compiler, (language, standards) in (("gcc", C), ("clang", C), ("g++", CXX), ("clang++", CXX)):
        if shutil.which(compiler) is None:
            print("not there: " + compiler)
            continue
        for standard in standards:
            yield [compiler, "-x", language, "-std=" + standard]
    if shutil.which("clang") is not None:
        # No headers of that machine are needed: stddef.h and stdint.h are the compiler's own.
        for language, standards in (C, CXX):
            for standard in standards:
                yield ["clang", "-x", language, "-std=" + standard, "--target=aarch64-linux-gnu", "-ffreestanding"]


def main():
    failures = count = 0
    with tempfile.TemporaryDirectory() as folder:
        output = str(pathlib.Path(folder) / "out.o")
        for command in combinations():
            for name, source in SOURCES.items():
                count += 1
                done = subprocess.run([*command, *WARNINGS, "-fPIC", "-I", str(ROOT / "include"), "-c", "-", "-o", output],
                                      input=source, capture_output=True, text=True)
                if done.returncode != 0:
                    failures += 1
                    print("%s: %s\n%s" % (" ".join(command), name, done.stderr))
    if count == 0:
        print("skipped: neither gcc nor clang is there")
        return 77
    print("%d compilations, %d failed" % (count, failures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
