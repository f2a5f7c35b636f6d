#!/usr/bin/env python3
"""Verifies a finalized run directory, format 1.0.

    verify_run.py RUN

Written from the description of the format alone, with Python's standard library alone, so that it shares no mistake
with the program that made the run. Prints each problem on a line of its own. Exit code 0: no problem; 2: problems;
64: wrong usage.
"""

import hashlib
import os
import re
import stat
import sys

sys.dont_write_bytecode = True  # the folder of the verifier may be read-only, and stays clean

from run_format import (
    HEX64, MANIFEST, Problems, Shape, canonical, check_manifest_shape, load, payload_root, pretty, sha256)
from run_reports import check_created_at, check_lineage, check_reports

DERIVED_RUN_ID = re.compile(r"run-[0-9a-f]{8}-[0-9a-f]{4}")


def walk(run, problems):
    """{path: lstat} of everything that is no directory. Symbolic links are not followed."""
    found, pending = {}, [b""]
    while pending:
        folder = pending.pop()
        for entry in os.scandir(os.path.join(os.fsencode(run), folder)):
            path = os.path.join(folder, entry.name)
            try:
                name = path.decode("utf-8")
            except UnicodeDecodeError:
                problems.add(repr(path), "has a name that is not UTF-8")
                continue
            if entry.is_dir(follow_symlinks=False):
                pending.append(path)
            else:
                found[name] = entry.stat(follow_symlinks=False)
    return found


def digest_file(path):
    digest, size = hashlib.sha256(), 0
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size


def check_files(run, records, problems):
    found = walk(run, problems)
    for record in records:
        path = record["path"]
        status = found.pop(path, None)
        if status is None:
            problems.add(path, "is missing")
        elif not stat.S_ISREG(status.st_mode):
            problems.add(path, "is not a regular file")
        else:
            digest, size = digest_file(os.path.join(run, path))
            if size != record["bytes"]:
                problems.add(path, f"has {size} bytes, the manifest says {record['bytes']}")
            if digest != record["sha256"]:
                problems.add(path, f"has SHA-256 {digest}, the manifest says {record['sha256']}")
    found.pop(MANIFEST, None)
    for path in sorted(found):
        problems.add(path, "is extra: the manifest does not list it")


def check_identity(run, manifest, problems):
    config = manifest["config"]
    if "payload" in config and sha256(canonical(config["payload"])) != config.get("fingerprint"):
        problems.add(MANIFEST, "config.fingerprint is not the digest of config.payload")
    if "identity" not in config:
        return
    identity = config["identity"]
    shape = Shape(problems, MANIFEST)
    if not shape.object(identity, "config.identity", ["config", "inputs", "plugins"]):
        return
    if identity["config"] != config.get("fingerprint"):
        problems.add(MANIFEST, "config.identity.config is not config.fingerprint")
    for key in ("inputs", "plugins"):
        if shape.object(identity[key], f"config.identity.{key}", [], further=True):
            for name, digest in identity[key].items():
                shape.matches(digest, f"config.identity.{key}.{name}", HEX64)
    digits = sha256(canonical(identity))
    if manifest.get("run_id") != f"run-{digits[:8]}-{digits[8:12]}":
        problems.add(MANIFEST, f"run_id {manifest.get('run_id')!r} does not follow from config.identity")
    name = os.path.basename(os.path.realpath(run))
    if name != manifest.get("run_id") and DERIVED_RUN_ID.fullmatch(name):
        problems.add(MANIFEST, f"the directory bears the name of another run, {name}")


def check_references(manifest, listed, problems):
    named = [("lineage", manifest["lineage"]), ("warehouse", manifest["warehouse"])]
    named += [(f"reports.{key}", path) for key, path in manifest["reports"].items()]
    named += [(f"exports.{key}", path) for key, paths in manifest["exports"].items() for path in paths]
    for key, path in named:
        if path not in listed and not any(other.startswith(path + "/") for other in listed):
            problems.add(MANIFEST, f"{key} names {path!r}, which is not listed")


def verify(run):
    problems = Problems()
    manifest_path = os.path.join(run, MANIFEST)
    try:
        if not stat.S_ISREG(os.lstat(manifest_path).st_mode):
            raise ValueError("it is not a regular file")
        with open(manifest_path, "rb") as file:
            data = file.read()
        manifest = load(data)
    except (OSError, ValueError, RecursionError) as error:
        problems.add(MANIFEST, f"cannot be read: {error}")
        return problems.lines
    files, control = check_manifest_shape(manifest, Shape(problems, MANIFEST))
    shaped = not problems.lines
    check_files(run, files + control, problems)
    if not shaped:
        return problems.lines
    if data != pretty(manifest):
        problems.add(MANIFEST, "keys are not sorted, or the indent is not two spaces, or the last line has no end")
    if payload_root(files) != manifest["artifacts"]["root_hash"]:
        problems.add(MANIFEST, f"artifacts.root_hash is not that of the listed files, {payload_root(files)}")
    for record in files:
        if record["path"].split("/")[0] not in ("exports", "lineage", "warehouse"):
            problems.add(record["path"], "is listed as payload, but lies elsewhere")
    check_identity(run, manifest, problems)
    if "identity" in manifest["config"]:
        check_created_at(manifest, MANIFEST, manifest["artifacts"]["root_hash"], "manifest", problems)
    check_references(manifest, {record["path"] for record in files + control}, problems)
    if not problems.lines:
        # Their bytes are what the manifest says, so from here on it is about what they say.
        check_lineage(run, manifest, problems)
        check_reports(run, manifest, files, problems)
    return problems.lines


def main(arguments):
    if len(arguments) != 2 or not os.path.isdir(arguments[1]):
        print("usage: verify_run.py RUN, where RUN is the directory of a finalized run", file=sys.stderr)
        return 64
    problems = verify(arguments[1])
    for line in problems:
        print(line)
    print(f"{'NOT whole' if problems else 'whole'}: {arguments[1]}", file=sys.stderr)
    return 2 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
