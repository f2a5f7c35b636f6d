#!/usr/bin/env python3
"""Compares omphalos with rivals, always two commands in turn in one run, and prints the median ratio.

usage: bench.py PATH_OF_OMPHALOS PLUGINS_DIRECTORY

Times of one machine mean little: the ratios are what to read. Each pair is warmed up once.
"""
import csv
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 15


def seconds(command, folder):
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def compare(title, ours, rival_name, rival, folder, reach=None, rounds=ROUNDS):
    """`ours` and `rival` are functions that give a command line for a round."""
    seconds(ours(-1), folder)
    seconds(rival(-1), folder)
    pairs = [(seconds(ours(n), folder), seconds(rival(n), folder)) for n in range(rounds)]
    ratio = statistics.median(a / b for a, b in pairs)
    ours_ms = statistics.median(a for a, _ in pairs) * 1000
    rival_ms = statistics.median(b for _, b in pairs) * 1000
    goal = f", to reach: {reach}" if reach else ""
    print(f"{title}: {ours_ms:.2f} ms; {rival_name}: {rival_ms:.2f} ms; ratio {ratio:.2f}{goal}", flush=True)


def pipeline(folder, name, data):
    (folder / name).write_text(
        'schema_version: "1.0"\n'
        f"run: {{ name: {pathlib.Path(name).stem}, seed: 1, hermetic: true, output_root: runs }}\n"
        "inputs:\n"
        f"  - {{ name: data, connector: org.omphalos.csv/csv, files: {{ data: {data} }} }}\n"
        "exports:\n"
        "  - { exporter: org.omphalos.csv/table, inputs: [data] }\n"
    )


def write_table(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "name", "amount", "note"])
        for row in range(rows):
            writer.writerow([row, f"name {row % 977}", f"{row * 7 % 100000 / 100:.2f}", "a, b" if row % 5 else 'say "x"'])


PYTHON_COPY = """
import csv, sys
reader = csv.reader(open(sys.argv[1], newline="", encoding="utf-8"))
writer = csv.writer(open(sys.argv[2], "w", newline="", encoding="utf-8"), lineterminator="\\n")
for row in reader: writer.writerow(row)
"""


def main():
    omphalos, plugins = (os.path.abspath(path) for path in sys.argv[1:3])
    folder = pathlib.Path(tempfile.mkdtemp(prefix="omphalos-bench-"))
    print(f"{platform.platform()}, {os.cpu_count()} cores, {ROUNDS} rounds of each pair")
    # Run directories are not deleted between rounds: on ext4 that would slow down the next round's files.
    run = lambda file: lambda n: [omphalos, "run", file, "--plugins", plugins, "--output-root", f"runs-{file}-{n}"]

    compare("start-up, omphalos --version", lambda n: [omphalos, "--version"], "git --version",
            lambda n: ["git", "--version"], folder, "at most 4")
    write_table(folder / "tiny.csv", 1)
    pipeline(folder, "tiny.yaml", "tiny.csv")
    compare("a run of one row, two processes, finalized on disk", run("tiny.yaml"), "omphalos --version",
            lambda n: [omphalos, "--version"], folder)
    write_table(folder / "large.csv", 300_000)
    pipeline(folder, "large.yaml", "large.csv")
    compare("300,000 rows read, typed, fingerprinted, written, finalized", run("large.yaml"), "Python's csv module",
            lambda n: [sys.executable, "-c", PYTHON_COPY, "large.csv", f"copy-{n}.csv"], folder, rounds=5)

    made = subprocess.run(run("large.yaml")(99) + ["--quiet"], cwd=folder, capture_output=True, text=True, check=True)
    payload = [str(p) for p in pathlib.Path(folder, made.stdout.strip()).rglob("*") if p.is_file()]
    compare("verify", lambda n: [omphalos, "verify", made.stdout.strip()], "openssl dgst -sha256",
            lambda n: ["openssl", "dgst", "-sha256", *payload], folder)
    subprocess.run(["chmod", "-R", "u+w", str(folder)], check=False)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
