"""What the lineage and the reports of a run directory, format 1.0, must say."""

import os

from run_format import Shape, canonical, clock, load, pretty, sha256

KINDS = {"INGEST", "NORMALIZE", "RESOLVE", "ANALYZE", "WAREHOUSE", "EXPORT", "REPORT"}


def check_created_at(document, file, seed, salt, problems):
    wanted = clock(seed, salt)
    if document.get("created_at") != wanted:
        problems.add(file, f"created_at is {document.get('created_at')!r}, wanted {wanted}")


def check_lineage(run, manifest, problems):
    file = manifest["lineage"]
    ours = "identity" in manifest["config"]
    with open(os.path.join(run, file), "rb") as stream:
        for number, line in enumerate(stream, 1):
            place = f"{file}:{number}"
            try:
                event = load(line)
            except ValueError as error:
                problems.add(place, f"is no JSON: {error}")
                continue
            shape = Shape(problems, place)
            keys = ["schema_version", "run_id", "event_id", "created_at", "kind", "inputs", "outputs"]
            if not shape.object(event, "", keys, ["details"]):
                continue
            shape.one_of(event["schema_version"], "schema_version", {"1.0"})
            shape.one_of(event["kind"], "kind", KINDS)
            shape.texts(event["inputs"], "inputs")
            shape.texts(event["outputs"], "outputs")
            if event["run_id"] != manifest["run_id"]:
                problems.add(place, f"is of run {event['run_id']!r}")
            bare = {key: value for key, value in event.items() if key not in ("event_id", "created_at")}
            wanted = "ev-" + sha256(canonical(bare))[:16]
            if event["event_id"] != wanted:
                problems.add(place, f"event_id is {event['event_id']!r}, wanted {wanted}")
            if list(event) != sorted(event) or not line.endswith(b"\n"):
                problems.add(place, "keys are not sorted, or the line has no end")
            if ours:
                check_created_at(event, place, manifest["config"]["fingerprint"], event["event_id"], problems)


def check_reports(run, manifest, files, problems):
    root = manifest["artifacts"]["root_hash"]
    ours = "identity" in manifest["config"]
    documents = {}
    for name, path in manifest["reports"].items():
        with open(os.path.join(run, path), "rb") as stream:
            data = stream.read()
        try:
            documents[name] = load(data)
        except ValueError as error:
            problems.add(path, f"is no JSON: {error}")
            continue
        if ours and data != pretty(documents[name]):
            problems.add(path, "keys are not sorted, or the indent is not two spaces, or the last line has no end")
    for name, check in (("quality", check_quality), ("determinism", check_determinism),
                        ("publishability", check_publishability)):
        if name not in documents:
            continue
        path, document = manifest["reports"][name], documents[name]
        check(document, Shape(problems, path), manifest, files)
        if ours and isinstance(document, dict):
            check_created_at(document, path, root, name, problems)
    if "sbom" in documents and ours:
        check_sbom(documents["sbom"], manifest, problems)


def check_quality(report, shape, manifest, _files):
    if not shape.object(report, "", ["schema_version", "run_id", "created_at", "status", "checks"]):
        return
    shape.one_of(report["schema_version"], "schema_version", {"1.0"})
    shape.one_of(report["run_id"], "run_id", {manifest["run_id"]})
    shape.one_of(report["status"], "status", {"PASS", "FAIL"})
    if not shape.list(report["checks"], "checks"):
        return
    for index, check in enumerate(report["checks"]):
        place = f"checks[{index}]"
        if shape.object(check, place, ["name", "status", "severity", "message"], ["details"]):
            shape.text(check["name"], f"{place}.name")
            shape.text(check["message"], f"{place}.message")
            shape.one_of(check["status"], f"{place}.status", {"PASS", "FAIL", "WARN"})
            shape.one_of(check["severity"], f"{place}.severity", {"LOW", "MEDIUM", "HIGH"})


def check_determinism(report, shape, manifest, files):
    if not shape.object(report, "", ["schema_version", "run_id", "created_at", "status", "fingerprints"]):
        return
    shape.one_of(report["schema_version"], "schema_version", {"1.0"})
    shape.one_of(report["run_id"], "run_id", {manifest["run_id"]})
    prints = report["fingerprints"]
    if not shape.object(prints, "fingerprints", ["config", "inputs", "exports", "root"]):
        return
    wanted = {
        "config": manifest["config"]["fingerprint"],
        "inputs": {item["name"]: item["fingerprint"] for item in manifest["inputs"]},
        "exports": {f["path"]: f["sha256"] for f in files if f["path"].startswith("exports/")},
        "root": manifest["artifacts"]["root_hash"],
    }
    for key, value in wanted.items():
        if prints[key] != value:
            shape.bad(f"fingerprints.{key}", "differs from the manifest")


def check_publishability(report, shape, manifest, _files):
    if not shape.object(report, "", ["schema_version", "created_at", "target", "status", "findings"]):
        return
    shape.one_of(report["schema_version"], "schema_version", {"1.0"})
    shape.one_of(report["target"], "target", {manifest["run_id"]})
    if not shape.list(report["findings"], "findings"):
        return
    for index, finding in enumerate(report["findings"]):
        place = f"findings[{index}]"
        if shape.object(finding, place, ["path", "rule", "severity", "excerpt", "offset"]):
            shape.path(finding["path"], f"{place}.path")
            shape.text(finding["rule"], f"{place}.rule")
            shape.count(finding["offset"], f"{place}.offset")


def check_sbom(bill, manifest, problems):
    """What the CycloneDX schema accepts though it is wrong, and that the plugins are those of the identity."""
    path = manifest["reports"]["sbom"]
    try:
        references = [bill["metadata"]["component"]["bom-ref"]] + [c["bom-ref"] for c in bill["components"]]
        if bill["specVersion"] != "1.6" or len(set(references)) != len(references):
            problems.add(path, "specVersion is not 1.6, or a bom-ref comes twice")
        known = set(references)
        for dependency in bill["dependencies"]:
            for reference in [dependency["ref"], *dependency.get("dependsOn", [])]:
                if reference not in known:
                    problems.add(path, f"refers to {reference!r}, which is no component")
        plugins = {c["name"]: c["hashes"][0]["content"] for c in bill["components"] if c["type"] == "library"}
        if plugins != manifest["config"]["identity"]["plugins"]:
            problems.add(path, "its plugins are not those of config.identity")
        if bill["metadata"]["timestamp"] != clock(manifest["artifacts"]["root_hash"], "sbom"):
            problems.add(path, "its timestamp does not follow from the payload root")
    except (KeyError, TypeError, IndexError) as error:
        problems.add(path, f"lacks a part: {error!r}")
