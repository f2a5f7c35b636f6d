#!/usr/bin/env python3
"""Verifies the ledger of a run root, and every run in it.

    verify_ledger.py ROOT [HEAD]

Written from the description of the format alone, with Python's standard library alone. HEAD is a head of the ledger
that somebody kept. Prints each problem on a line of its own, and the head at the end. Exit code 0: no problem;
2: problems; 64: wrong usage.
"""

import os
import stat
import sys

sys.dont_write_bytecode = True  # the folder of the verifier may be read-only, and stays clean

from run_format import HEX64, MANIFEST, RUN_ID, TIME, Problems, canonical, load, sha256
from verify_run import verify

LEDGER = "ledger.jsonl"
ORIGIN = "0" * 64
SHAPE = {
    "schema_version": lambda value: value == "1.0", "sequence": lambda value: type(value) is int and value > 0,
    "previous": lambda value: HEX64.fullmatch(value), "at": lambda value: TIME.fullmatch(value),
    "kind": lambda value: value in ("finalized", "adopted", "removed"), "run_id": lambda value: RUN_ID.fullmatch(value),
    "manifest_sha256": lambda value: HEX64.fullmatch(value), "payload_root": lambda value: HEX64.fullmatch(value)}


def entry_of(line):
    """The entry that a line is; raises ValueError where it is none."""
    entry = load(line)
    if type(entry) is not dict or set(entry) != set(SHAPE):
        raise ValueError("its keys are not those of an entry")
    for key, fits in SHAPE.items():
        if key != "sequence" and type(entry[key]) is not str or not fits(entry[key]):
            raise ValueError(f"{key} is {entry[key]!r}")
    if canonical(entry) != line:
        raise ValueError("it is not canonical")
    return entry


def read_chain(path, problems):
    """({run id: last entry}, [ORIGIN, the digest of each line])"""
    latest, digests = {}, [ORIGIN]
    with open(path, "rb") as file:
        *lines, rest = file.read().split(b"\n")
    for number, line in enumerate(lines, 1):
        where = f"{LEDGER}, line {number}"
        try:
            entry = entry_of(line)
            if entry["previous"] != digests[-1]:
                problems.add(where, "is not chained to the line before")
            if entry["sequence"] != number:
                problems.add(where, f"has the sequence number {entry['sequence']}")
            latest[entry["run_id"]] = entry
        except (ValueError, RecursionError) as error:
            problems.add(where, f"is no entry: {error}")
        digests.append(sha256(line))
    if rest:
        problems.add(f"{LEDGER}, line {len(lines) + 1}", "has no end")
    return latest, digests


def is_run(root, name):
    return RUN_ID.fullmatch(name) and (name.startswith("run-") or os.path.lexists(os.path.join(root, name, MANIFEST)))


def check_run(root, name, entry, problems):
    path = os.path.join(root, name)
    if not stat.S_ISDIR(os.lstat(path).st_mode):
        problems.add(name, "is no directory")
        return
    for line in verify(path):
        problems.add(name, line)
    if entry is None:
        problems.add(name, "is not in the ledger")
    elif entry["kind"] == "removed":
        problems.add(name, "was removed, as the ledger says, and is there")
    else:
        try:
            with open(os.path.join(path, MANIFEST), "rb") as file:
                digest = sha256(file.read())
        except OSError:
            return  # which verify has told
        if digest != entry["manifest_sha256"]:
            problems.add(name, "has another manifest than the ledger says")


def verify_root(root, head):
    """(problems, head)"""
    problems, latest, digests = Problems(), {}, [ORIGIN]
    path = os.path.join(root, LEDGER)
    if os.path.lexists(path):
        if not stat.S_ISREG(os.lstat(path).st_mode):
            problems.add(LEDGER, "is no regular file")
        else:
            latest, digests = read_chain(path, problems)
    if head is not None and head not in digests:
        problems.add(LEDGER, f"no line has the digest {head}")
    names = [name for name in sorted(os.listdir(root)) if is_run(root, name)]
    for name in names:
        check_run(root, name, latest.get(name), problems)
    for name, entry in sorted(latest.items()):
        if entry["kind"] != "removed" and name not in names:
            problems.add(name, "is in the ledger, and not there")
    return problems.lines, digests[-1]


def main(arguments):
    if len(arguments) not in (2, 3) or not os.path.isdir(arguments[1]):
        print("usage: verify_ledger.py ROOT [HEAD], where ROOT is the directory in which the runs are", file=sys.stderr)
        return 64
    problems, head = verify_root(arguments[1], arguments[2] if len(arguments) > 2 else None)
    for line in problems:
        print(line)
    print(f"{'NOT well' if problems else 'well'}: {arguments[1]}, head {head}")
    return 2 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
