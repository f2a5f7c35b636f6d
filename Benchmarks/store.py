#!/usr/bin/env python3
"""Compares the artifact store with plain C: a call, one large artifact, many small ones, and verify.

usage: store.py PATH_OF_OMPHALOS STORE_RIVAL PLUGIN_DIRECTORY

Nothing is deleted before the end: file systems create files many times slower for minutes after a deletion.
"""
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

LARGE_MIB = int(os.environ.get("STORE_MIB", "1024"))
SMALL = int(os.environ.get("STORE_FILES", "50000"))
VERIFY_MIB = int(os.environ.get("STORE_VERIFY_MIB", "400"))
CALLS = 5_000_000
ROUNDS = int(os.environ.get("STORE_ROUNDS", "5"))


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def seconds(*command):
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def median(values):
    return statistics.median(values)


class Bench:
    def __init__(self, omphalos, rival, plugins, folder):
        self.omphalos, self.rival, self.plugins, self.folder = omphalos, rival, plugins, folder

    def pipeline(self, mode, count):
        file = self.folder / f"{mode}.yaml"
        file.write_text(
            'schema_version: "1.0"\n'
            f"run: {{ name: {mode}, seed: 1 }}\n"
            "inputs: [ { name: data, connector: com.example.bench/none, files: { data: none } } ]\n"
            f"exports: [ {{ exporter: com.example.bench/store, inputs: [data], config: {{ mode: {mode}, count: {count} }} }} ]\n")
        return str(file)

    def run_command(self, file, root):
        return [self.omphalos, "run", file, "--plugins", self.plugins, "--output-root", str(root), "--quiet"]

    def logged(self, mode, count, root):
        """What the plugin logged, by name: a list of numbers each."""
        run = output(*self.run_command(self.pipeline(mode, count), root)).strip()
        numbers = {}
        for line in (pathlib.Path(run) / "logs/run.jsonl").read_text().splitlines():
            words = str(json.loads(line).get("text", "")).split()
            if words[:1] == ["bench"]:
                numbers.setdefault(words[1], []).append(float(words[2]))
        return numbers, run

    def calls(self):
        numbers, _ = self.logged("calls", CALLS, self.folder / "calls")
        for what, goal in [("is_cancelled", ""), ("read", ", to reach: at most 4.0")]:
            ratio = median(a / b for a, b in zip(numbers[what], numbers["pointer"]))
            print(f"a call of {what}: {median(numbers[what]):.2f} ns; a C function pointer: {median(numbers['pointer']):.2f} ns; "
                  f"ratio {ratio:.2f}{goal}", flush=True)

    def large(self):
        pairs = []
        for number in range(ROUNDS + 1):
            rival = self.folder / f"large-c-{number}"
            rival.mkdir()
            ours, run = self.logged("large", LARGE_MIB, self.folder / f"large-{number}")
            hashing = float(output(self.rival, "hash", str(LARGE_MIB)))
            writing = float(output(self.rival, "write", str(rival), str(LARGE_MIB)))
            # Cut, not deleted, both: the next round finds as much memory and disk as this one.
            for file in (rival / "large", pathlib.Path(run) / "exports/large"):
                file.chmod(0o644)
                os.truncate(file, 0)
            print(f"  raw: {ours['large'][0]:.3f} s; C hash {hashing:.3f} s, C write {writing:.3f} s", flush=True)
            pairs.append((ours["large"][0], max(hashing, writing)))
        pairs = pairs[1:]
        rate = median(b / a for a, b in pairs)
        print(f"one artifact of {LARGE_MIB} MiB up to commit: {median(a for a, _ in pairs):.3f} s; the slower of hashing and writing in "
              f"C: {median(b for _, b in pairs):.3f} s; rate {rate:.2f} of C's, to reach: at least 0.90", flush=True)

    def small(self):
        file = self.pipeline("small", SMALL)
        pairs = []
        for number in range(ROUNDS + 1):
            rival = self.folder / f"small-c-{number}"
            rival.mkdir()
            ours = seconds(*self.run_command(file, self.folder / f"small-{number}"))
            pairs.append((ours, seconds(self.rival, "small", str(rival), str(SMALL))))
            print(f"  raw: {pairs[-1][0]:.3f} s; C {pairs[-1][1]:.3f} s", flush=True)
        pairs = pairs[1:]
        ratio = median(a / b for a, b in pairs)
        print(f"{SMALL} artifacts of 1 KiB, finalized durably: {median(a for a, _ in pairs):.3f} s; in C: "
              f"{median(b for _, b in pairs):.3f} s; ratio {ratio:.2f}, to reach: at most 1.50", flush=True)

    def verify(self):
        """As many artifacts as make it worth while to have two cores."""
        _, run = self.logged("several", VERIFY_MIB, self.folder / "several")
        files = [str(path) for path in pathlib.Path(run).rglob("*") if path.is_file()]
        pairs = []
        for number in range(ROUNDS + 1):
            pairs.append((seconds(self.omphalos, "verify", run, "--quiet"), seconds("openssl", "dgst", "-sha256", *files)))
        pairs = pairs[1:]
        rate = median(b / a for a, b in pairs)
        print(f"verify of a run with {VERIFY_MIB} artifacts of 1 MiB: {median(a for a, _ in pairs):.3f} s; openssl dgst -sha256: "
              f"{median(b for _, b in pairs):.3f} s; rate {rate:.2f} of openssl's, to reach: at least 1.70", flush=True)


def main():
    omphalos, rival, plugins = (str(pathlib.Path(word).resolve()) for word in sys.argv[1:4])
    parent = os.environ.get("STORE_DIR", "build/bench")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="store-", dir=parent)).resolve()
    (folder / "none").write_text("")
    print(f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start", flush=True)
    bench = Bench(omphalos, rival, plugins, folder)
    wanted = os.environ.get("STORE", "calls large verify small").split()
    try:
        if "calls" in wanted: bench.calls()
        if "large" in wanted: bench.large()
        if "verify" in wanted: bench.verify()
        if "small" in wanted: bench.small()
    finally:
        shutil.rmtree(folder, onerror=force)


def force(function, path, _):
    os.chmod(os.path.dirname(path), 0o755)
    function(path)


main()
