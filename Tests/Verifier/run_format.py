"""The pieces of the run directory, format 1.0: canonical JSON, clock, payload root, paths, and the manifest's shape."""

import hashlib
import json
import re
import unicodedata
from datetime import datetime, timedelta, timezone

MANIFEST = "run_manifest.json"
HEX64 = re.compile(r"[0-9a-f]{64}")
RUN_ID = re.compile(r"[a-z0-9][a-z0-9\-]{6,64}")
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


class Problems:
    def __init__(self):
        self.lines = []

    def add(self, where, what):
        line = f"{where}: {what}"
        # A name from a hostile run must not steer the terminal of whoever reads this.
        line = "".join(c if c.isprintable() else "\\u{%x}" % ord(c) for c in line)
        self.lines.append(line.encode("utf-8", "backslashreplace").decode("utf-8"))


def canonical(value):
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8")


def pretty(value):
    return (json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8")


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def clock(seed, salt):
    seconds = int(sha256(f"{seed}|{salt}".encode("utf-8"))[:16], 16) % (20 * 365 * 24 * 3600)
    time = datetime(2000, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=seconds)
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def payload_root(records):
    digest = hashlib.sha256()
    for record in sorted(records, key=lambda r: r["path"].encode("utf-8")):
        digest.update(f"{record['path']}\0{record['sha256']}\0{record['bytes']}\n".encode("utf-8"))
    return digest.hexdigest()


def load(data):
    """Strict JSON: no duplicate keys, no NaN, no BOM, nothing but UTF-8."""

    def pairs(items):
        result = {}
        for key, value in items:
            if key in result:
                raise ValueError(f"the key {key!r} comes twice")
            result[key] = value
        return result

    def constant(name):
        raise ValueError(f"{name} is not JSON")

    text = data.decode("utf-8")
    if text.startswith("\ufeff"):
        raise ValueError("it begins with a byte order mark")
    value = json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    json.dumps(value, ensure_ascii=False).encode("utf-8")  # raises where half of a surrogate pair stands alone
    return value


def path_problem(path):
    """Why a path may not stand in a manifest, or None."""
    try:
        data = path.encode("utf-8")
    except UnicodeEncodeError:
        return "is not UTF-8"
    if not data or len(data) > 1024:
        return "is empty or longer than 1024 bytes"
    if any(unicodedata.category(c) == "Cc" for c in path):
        return "has a control character"
    if unicodedata.normalize("NFC", path) != path:
        return "is not in normalization form C"
    for part in path.split("/"):
        if part in ("", ".", ".."):
            return f"has the part {part!r}"
        if len(part.encode("utf-8")) > 255:
            return "has a part of more than 255 bytes"
    return None


# --- shapes -----------------------------------------------------------------------------------------------------------


class Shape:
    """Checks keys and types and reports what is off; every method says whether the value can be used."""

    def __init__(self, problems, file):
        self.problems = problems
        self.file = file

    def bad(self, place, what):
        self.problems.add(f"{self.file} {place}".rstrip(), what)
        return False

    def object(self, value, place, required, optional=(), further=False):
        if not isinstance(value, dict):
            return self.bad(place, f"found {type(value).__name__}, wanted an object")
        missing = [key for key in required if key not in value]
        for key in missing:
            self.bad(place, f"the key {key!r} is missing")
        if not further:
            for key in value:
                if key not in required and key not in optional:
                    self.bad(place, f"the key {key!r} is not in the format")
        return not missing

    def text(self, value, place):
        return isinstance(value, str) or self.bad(place, f"found {value!r}, wanted text")

    def matches(self, value, place, pattern):
        if not self.text(value, place):
            return False
        return pattern.fullmatch(value) is not None or self.bad(place, f"found {value!r}, wanted {pattern.pattern}")

    def one_of(self, value, place, words):
        right = isinstance(value, str) and value in words
        return right or self.bad(place, f"found {value!r}, wanted one of {', '.join(sorted(words))}")

    def count(self, value, place):
        right = isinstance(value, int) and not isinstance(value, bool) and value >= 0
        return right or self.bad(place, f"found {value!r}, wanted an integer that is not negative")

    def list(self, value, place):
        return isinstance(value, list) or self.bad(place, f"found {type(value).__name__}, wanted a list")

    def path(self, value, place):
        if not self.text(value, place):
            return False
        problem = path_problem(value)
        return problem is None or self.bad(place, f"the path {value!r} {problem}")

    def texts(self, value, place):
        return self.list(value, place) and all([self.text(x, f"{place}[{i}]") for i, x in enumerate(value)])


def check_manifest_shape(manifest, shape):
    """Returns (payload records, control records), those that can be used."""
    top = ["schema_version", "run_id", "created_at", "config", "inputs", "artifacts", "reports", "lineage", "warehouse",
           "exports"]
    if not shape.object(manifest, "", top) and not isinstance(manifest, dict):
        return [], []
    if "schema_version" in manifest:
        shape.one_of(manifest["schema_version"], "schema_version", {"1.0"})
    for key, pattern in (("run_id", RUN_ID), ("created_at", TIME)):
        if key in manifest:
            shape.matches(manifest[key], key, pattern)
    config = manifest.get("config")
    if config is not None and shape.object(config, "config", ["fingerprint"], further=True):
        shape.matches(config["fingerprint"], "config.fingerprint", HEX64)
        ours = "identity" in config
        if ours and "source" in config and shape.object(config["source"], "config.source", ["name", "sha256"]):
            shape.text(config["source"]["name"], "config.source.name")
            shape.matches(config["source"]["sha256"], "config.source.sha256", HEX64)
    if "inputs" in manifest and shape.list(manifest["inputs"], "inputs"):
        for index, item in enumerate(manifest["inputs"]):
            place = f"inputs[{index}]"
            if shape.object(item, place, ["name", "fingerprint"], ["row_count"]):
                shape.text(item["name"], f"{place}.name")
                shape.matches(item["fingerprint"], f"{place}.fingerprint", HEX64)
                if "row_count" in item:
                    shape.count(item["row_count"], f"{place}.row_count")
    names = ["quality", "determinism", "publishability", "sbom"]
    if "reports" in manifest and shape.object(manifest["reports"], "reports", names):
        for name in names:
            shape.path(manifest["reports"][name], f"reports.{name}")
    for key in ("lineage", "warehouse"):
        if key in manifest:
            shape.path(manifest[key], key)
    names = ["briefing_tables", "packets", "narratives"]
    if "exports" in manifest and shape.object(manifest["exports"], "exports", names):
        for name in names:
            if shape.list(manifest["exports"][name], f"exports.{name}"):
                for index, path in enumerate(manifest["exports"][name]):
                    shape.path(path, f"exports.{name}[{index}]")
    return check_artifacts_shape(manifest, shape)


def check_artifacts_shape(manifest, shape):
    artifacts = manifest.get("artifacts")
    if artifacts is None:
        return [], []
    shape.object(artifacts, "artifacts", ["root_hash", "files", "control_files"], ["root_dir"])
    if not isinstance(artifacts, dict):
        return [], []
    if "root_hash" in artifacts:
        shape.matches(artifacts["root_hash"], "artifacts.root_hash", HEX64)
    seen, result = set(), []
    for key in ("files", "control_files"):
        records = []
        if key in artifacts and shape.list(artifacts[key], f"artifacts.{key}"):
            for index, record in enumerate(artifacts[key]):
                place = f"artifacts.{key}[{index}]"
                if not shape.object(record, place, ["path", "sha256", "bytes"]):
                    continue
                right = [shape.path(record["path"], f"{place}.path"),
                         shape.matches(record["sha256"], f"{place}.sha256", HEX64),
                         shape.count(record["bytes"], f"{place}.bytes")]
                if not all(right):
                    continue
                if record["path"] in seen or record["path"] == MANIFEST:
                    shape.bad(place, f"{record['path']!r} is listed twice, or is the manifest itself")
                    continue
                seen.add(record["path"])
                records.append(record)
        result.append(records)
    return result[0], result[1]
