#!/usr/bin/env python3
"""Makes the seeds that are better built than kept: small shared objects, and a loader cache.

usage: seeds.py DIRECTORY        (writes DIRECTORY/elf/*.so and DIRECTORY/loader-cache/*)

Each object shows the reader other parts of the format. The compiler is $CC, or clang, which the Swift toolchain brings
with its linker.
"""
import os
import pathlib
import shlex
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
COMPILER = shlex.split(os.environ.get("CC", "clang"))
SMALL = ["-fuse-ld=lld", "-Os", "-shared", "-fPIC", "-nostdlib", "-s", "-Wl,-z,noseparate-code",
         "-Wl,-z,max-page-size=4096", "-Wl,--build-id=sha1", "-I", str(HERE.parent / "include")]

PLUGIN = r"""
#include <omphalos/plugin.h>
OMPHALOS_DECLARE("com.example.seed", "1.0.0", "Example", "MIT", "Says hello", "compatible", 0, 0,
  "[{\"kind\":\"exporter\",\"name\":\"hello\",\"interface_version\":1}]");
OMPHALOS_NOTE(schemas, OMPHALOS_NOTE_SCHEMAS, "{\"hello\":{\"type\":\"object\"}}");
extern int puts(const char *); extern __thread int errno_of_another;
__attribute__((weak)) extern void maybe(void);
static __thread int mine; int table[4] = {1, 2, 3, 4}; int *pointer = table + 1;
OMPHALOS_EXPORT const omphalos_plugin *omphalos_plugin_v1(uint32_t minor) {
  mine += (int)minor; if (maybe) maybe(); puts("hello"); return 0;
}
"""

VERSIONED = r"""
__asm__(".symver old,f@V1"); __asm__(".symver new,f@@V2");
int old(void) { return 1; } int new(void) { return 2; }
static int one(void) { return 1; }
static void *pick(void) { return (void *)one; } int fast(void) __attribute__((ifunc("pick")));
__attribute__((constructor)) static void begin(void) {} __attribute__((destructor)) static void end(void) {}
"""

PACKAGED = r"""
.section .note.package, "a"
.balign 4
.long 4, 20, 0xcafe1a7e
.asciz "FDO"
.asciz "{\"type\":\"deb\"}     "
.balign 4
.data
.quad here, here, here
here: .quad 0
.globl here
.type here, @gnu_unique_object
"""


def build(out, name, source, language, *flags):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "seed." + language)
        file.write_text(source)
        script = pathlib.Path(folder, "versions.map")
        script.write_text("V1 { global: f; fast; local: *; }; V2 { global: f; } V1;\n")
        flags = [flag.replace("versions.map", str(script)) for flag in flags]
        subprocess.run([*COMPILER, *SMALL, *flags, "-o", str(out / name), str(file)], check=True)


def objects(out):
    out.mkdir(parents=True, exist_ok=True)
    build(out, "plugin.so", PLUGIN, "c", "-Wl,--hash-style=gnu", "-Wl,-z,now", "-Wl,-z,relro")
    build(out, "both-hashes.so", PLUGIN, "c", "-Wl,--hash-style=both", "-Wl,-soname,seed.so",
          "-Wl,-rpath,/opt/seed", "-Wl,-z,execstack")
    build(out, "needs-libc.so", PLUGIN, "c", "-Wl,--hash-style=sysv", "-lc", "-Wl,-z,nodelete", "-Wl,-z,norelro")
    build(out, "versions.so", VERSIONED, "c", "-Wl,--version-script=versions.map", "-Wl,--hash-style=gnu")
    build(out, "package.so", PACKAGED, "s", "-Wl,--pack-dyn-relocs=relr", "-Wl,--hash-style=gnu")


def loader_cache(entries, levels):
    """Source: glibc, elf/dl-cache.h. `entries`: name, path, index of a level or None."""
    header, size, texts = 48, 24, b""

    def text(value):
        nonlocal texts
        texts += value.encode() + b"\0"
        return header + size * len(entries) + len(texts) - len(value) - 1

    places = [(text(name), text(path), level) for name, path, level in entries]
    names = [text(level) for level in levels]
    texts += b"\0" * (-(header + size * len(entries) + len(texts)) % 4)
    extension = header + size * len(entries) + len(texts)
    table = extension + 24
    tail = struct.pack("<IIIIII", 0xEAA42174, 1, 1, 0, table, 4 * len(names)) + struct.pack(f"<{len(names)}I", *names)
    body = b"".join(struct.pack("<IIIIQ", 0x0303, name, path, 0, 0 if level is None else level | 1 << 62)
                    for name, path, level in places)
    return b"glibc-ld.so.cache1.1" + struct.pack("<IIIII", len(entries), len(texts), 2, extension, 0) + b"\0" * 8 \
        + body + texts + tail


def caches(out):
    out.mkdir(parents=True, exist_ok=True)
    new = loader_cache([("libc.so.6", "/lib/x86_64-linux-gnu/libc.so.6", None), ("liba.so", "/usr/lib/v3/liba.so", 0),
                        ("liba.so", "/usr/lib/liba.so", None)], ["x86-64-v3", "x86-64-v2"])
    (out / "new").write_bytes(new)
    (out / "old-and-new").write_bytes(b"ld.so-1.7.0\0" + struct.pack("<I", 1) + b"\0" * 12 + b"\0" * 4 + new)
    (out / "empty").write_bytes(loader_cache([], []))


def main():
    out = pathlib.Path(sys.argv[1])
    objects(out / "elf")
    caches(out / "loader-cache")


if __name__ == "__main__":
    main()
