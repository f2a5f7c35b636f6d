#!/usr/bin/env python3
"""Makes plugins of about 100 KB that differ in id and data, and the pipelines that use them. The same bytes each time.

usage: many_plugins.py DIRECTORY COUNT

DIRECTORY/plugins has COUNT plugins, DIRECTORY/one the first of them. DIRECTORY/all.yaml has a step for each plugin,
DIRECTORY/one.yaml as many steps, all with the first plugin: the calls of the two pipelines cost the same, and what
differs is what plugins cost. One object is compiled; in each copy the id and 32 KiB of its data are replaced.
"""
import os
import pathlib
import random
import shlex
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ID = b"com.example.bench.p0000"
DATA_BYTES = 32 << 10
MARK = random.Random(0).randbytes(32)

HEAD = r"""
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <omphalos/arrow.h>
#include <omphalos/plugin.h>

#include "no_rows.h"

OMPHALOS_DECLARE("ID", "1.0.0", "Example", "MIT", "One of many", "compatible", 0, 0,
  "[{\"kind\":\"connector\",\"name\":\"none\",\"interface_version\":1},"
  "{\"kind\":\"exporter\",\"name\":\"nothing\",\"interface_version\":1}]");

static int32_t nothing_run(void *state, const omphalos_call *call, const omphalos_dataset *const *inputs, size_t count) {
  (void)state, (void)call, (void)inputs, (void)count;
  return 0;
}

/* What is never called is code and data to hash, map and relocate all the same, with imports as real plugins have. */
__attribute__((noinline)) static unsigned long lib(unsigned long x, const char *text) {
  char buffer[64];
  int fd = open(text, O_RDONLY);
  x += (unsigned long)snprintf(buffer, sizeof buffer, "%lu %s", x, text) + strlen(text) + (unsigned long)strtod(text, NULL);
  char *copy = malloc(x & 255);
  if (copy) memmove(copy, buffer, x & 63), copy = realloc(copy, x & 1023);
  free(copy);
  if (read(fd, buffer, sizeof buffer) < 0 || lseek(fd, 0, SEEK_SET) < 0) close(fd);
  if (getenv(text) || strchr(text, 'x') || memchr(text, 'y', 3) || strcmp(text, buffer) || memcmp(text, buffer, 3)) x++;
  return x + (unsigned long)pow((double)x, 0.3) + (unsigned long)time(NULL) + (unsigned long)atoi(text) + (unsigned long)abs((int)x);
}
"""

TAIL = r"""
static const omphalos_connector none = {sizeof none, 0, none_open};
static const omphalos_exporter nothing = {sizeof nothing, 0, nothing_run};
static const omphalos_capability none_capability = {sizeof none_capability, OMPHALOS_CONNECTOR, 1, 0, "none", NULL, &none};
static const omphalos_capability nothing_capability = {
    sizeof nothing_capability, OMPHALOS_EXPORTER, 1, 0, "nothing", NULL, &nothing};
static const omphalos_capability *const capabilities[] = {&none_capability, &nothing_capability};
static const omphalos_plugin descriptor = {
    sizeof descriptor, OMPHALOS_ABI_MAJOR, 0, OMPHALOS_ABI_MINOR, OMPHALOS_ABI_DRAFT, 0, "ID", "1.0.0", "Example", "MIT",
    "One of many", OMPHALOS_HERMETIC_COMPATIBLE, 0, 2, 0, capabilities, NULL, NULL};
OMPHALOS_EXPORT const omphalos_plugin *omphalos_plugin_v1(uint32_t host_minor) { (void)host_minor; return &descriptor; }
"""


def source():
    numbers = random.Random(1)
    parts = [HEAD.replace("ID", ID.decode())]
    parts.append(f"const unsigned char data[{DATA_BYTES}] __attribute__((visibility(\"hidden\"))) = {{"
                 + ",".join(str(byte) for byte in MARK) + "};")
    count = 80
    for index in range(count):
        lines = [f"static unsigned long f{index}(unsigned long x) {{ unsigned long y = data[x % sizeof data];"]
        for _ in range(6):
            lines.append(f"x = (x ^ y) * {numbers.getrandbits(62)}UL + (x >> {numbers.randrange(1, 60)});")
            lines.append(f"if (x > {numbers.getrandbits(62)}UL) y += lib(x, \"text {numbers.getrandbits(30)}\");")
        parts.append(" ".join(lines) + " return x + y; }")
    names = ", ".join(f"f{index}" for index in range(count))
    parts.append(f"unsigned long (*const table[])(unsigned long) __attribute__((visibility(\"hidden\"))) = {{{names}}};")
    return "\n".join(parts) + TAIL.replace("ID", ID.decode())


def compile_one(out):
    file = out / "plugin.c"
    file.write_text(source())
    compiler = shlex.split(os.environ.get("CC", "cc"))
    subprocess.run([*compiler, "-std=gnu99", "-O2", "-shared", "-fPIC", "-fvisibility=hidden", "-I", str(HERE.parent / "include"), "-I", str(HERE),
                    "-Wl,-u,omphalos_plugin_v1", "-o", str(out / "plugin.so"), str(file), "-lm"], check=True)
    return (out / "plugin.so").read_bytes()


def pipeline(file, name, steps):
    file.write_text(
        'schema_version: "1.0"\n'
        f"run: {{ name: {name}, seed: 1, output_root: runs }}\n"
        f"inputs: [ {{ name: data, connector: {ID.decode()}/none, files: {{ data: data.csv }} }} ]\n"
        + "exports:\n" + "".join(f"  - {{ exporter: {id.decode()}/nothing, inputs: [data] }}\n" for id in steps))


def main():
    out, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    for folder in ("plugins", "one"):
        (out / folder).mkdir(parents=True)
    object = compile_one(out)
    at = object.index(MARK)
    assert object.count(MARK) == 1 and object.count(ID) >= 2
    ids = [ID[:-4] + b"%04d" % number for number in range(count)]
    for number, id in enumerate(ids):
        copy = bytearray(object.replace(ID, id))
        copy[at:at + DATA_BYTES] = random.Random(number).randbytes(DATA_BYTES)
        (out / "plugins" / f"p{number:04d}.so").write_bytes(copy)
    (out / "one" / "p0000.so").write_bytes((out / "plugins" / "p0000.so").read_bytes())
    (out / "data.csv").write_text("n\n")
    pipeline(out / "all.yaml", "all", ids)
    pipeline(out / "one.yaml", "one", ids[:1] * count)
    print(len(object))


if __name__ == "__main__":
    main()
