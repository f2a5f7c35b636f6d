"""What the plugin tests share: where plugins are, a built driver, and conversions through it.

Environment:
  OMPHALOS_PLUGINS   folder of the plugins under test; default build/plugins
  OMPHALOS_SHARED    folder with `data` and `tools`; default ../shared beside the repository, if it is there
  PLUGIN_TEST_DRIVER run this plugin_driver for each conversion, in a process of its own, in place of the library
"""
import contextlib
import ctypes
import io
import json
import csv
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PLUGINS = pathlib.Path(os.environ.get("OMPHALOS_PLUGINS", ROOT / "build" / "plugins")).resolve()
SHARED = pathlib.Path(os.environ.get("OMPHALOS_SHARED", ROOT.parent / "shared"))
SOURCES = ["driver.c", "fake_host.c", "checked_stream.c"]
E_NO_SPACE, E_CANCELLED, E_CONFIG, E_DATA = -10, -12, -15, -16


def skip(reason):
    """Exit 77 means that nothing was tested, as with automake."""
    print("skipped: " + reason)
    sys.exit(77)


def compiler():
    return os.environ.get("CC", "clang")


def compile_c(sources, output, *flags):
    command = [compiler(), "-std=c11", "-D_GNU_SOURCE", "-O1", "-g", "-Wall", "-Wextra", "-Werror",
               "-I", str(ROOT / "include"), *flags, *[str(HERE / s) for s in sources], "-o", str(output), "-ldl"]
    subprocess.run(command, check=True)
    return output


class Job(ctypes.Structure):
    _fields_ = [(name, ctypes.c_char_p) for name in (
        "connector", "connector_name", "connector_config", "input", "exporter", "exporter_name", "exporter_config",
        "dataset", "directory")]


class Faults(ctypes.Structure):
    _fields_ = [("write_after", ctypes.c_int64), ("cancel_after", ctypes.c_int64)]


class Failed(Exception):
    """A conversion that returned a status."""

    def __init__(self, status, message):
        super().__init__("status %d: %s" % (status, message))
        self.status, self.message = status, message


# Of plugins that are built only where what they need is found.
OPTIONAL = PLUGINS.with_name(PLUGINS.name + "-optional")


def plugin(name):
    path = PLUGINS / (name + ".so")
    if not path.exists():
        path = OPTIONAL / (name + ".so")
    if not path.exists():
        sys.exit("no plugin %s; build it with: make -C ExamplePlugins" % path)
    return str(path)


class Driver:
    """Runs capabilities of plugins on bytes."""

    def __init__(self):
        self.scratch = tempfile.TemporaryDirectory(prefix="plugin-tests-")
        self.folder = pathlib.Path(self.scratch.name)
        self.count = 0
        self.program = os.environ.get("PLUGIN_TEST_DRIVER")
        self.library = None
        if self.program is None:
            path = compile_c(SOURCES, self.folder / "libdriver.so", "-shared", "-fPIC")
            self.library = ctypes.CDLL(str(path))
            self.library.driver_error.restype = ctypes.c_char_p
            self.library.checked_live_objects.restype = ctypes.c_int64

    def job(self, data, exporter, connector_config, exporter_config, dataset="t"):
        """A job with a fresh folder; `exporter` is "plugin/capability"."""
        self.count += 1
        folder = self.folder / str(self.count)
        folder.mkdir()
        source = data
        if isinstance(data, bytes):
            source = folder / "input"
            source.write_bytes(data)
        library, capability = exporter.split("/")
        values = [plugin("csv"), "csv", json.dumps(connector_config), str(source), plugin(library), capability,
                  json.dumps(exporter_config), dataset, str(folder)]
        return folder, Job(*[v.encode() for v in values])

    def convert(self, data, exporter, connector_config=None, exporter_config=None, dataset="t", write_after=-1,
                cancel_after=-1):
        """The artifacts that an exporter makes of a CSV file (bytes or a path), by path; throws Failed."""
        folder, job = self.job(data, exporter, connector_config or {}, exporter_config or {}, dataset)
        if self.library is not None:
            status = self.library.driver_convert(ctypes.byref(job), Faults(write_after, cancel_after))
            message = self.library.driver_error().decode()
        else:
            status, message = self.run_program(job, write_after, cancel_after)
        made = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
        made.pop("input", None)
        if status != 0:
            assert not made, "files are left after a failure: %r" % made
            raise Failed(status, message)
        return made

    def run_program(self, job, write_after, cancel_after):
        order = ("directory", "connector", "connector_name", "connector_config", "input", "exporter", "exporter_name",
                 "exporter_config", "dataset")
        environment = dict(os.environ, DRIVER_WRITE_AFTER=str(write_after), DRIVER_CANCEL_AFTER=str(cancel_after))
        done = subprocess.run([self.program, "convert", *[getattr(job, name) for name in order]], env=environment,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        text = done.stderr.decode()
        if done.returncode == 0:
            return 0, ""
        match = re.fullmatch(r"status (-?\d+) \([^)]*\): (.*)\n", text, re.DOTALL)
        assert match, "the driver ended with %d:\n%s" % (done.returncode, text)
        return int(match[1]), match[2]

    def one(self, *arguments, **keywords):
        """The only artifact of a conversion."""
        made = self.convert(*arguments, **keywords)
        assert len(made) == 1, made.keys()
        return next(iter(made.values()))

    def rows(self, data, connector_config=None):
        """The values of each row, without inference."""
        config = {"header": False, "infer": False, **(connector_config or {})}
        text = self.one(data, "jsonl/records", config).decode()
        return [list(json.loads(line).values()) for line in text.split("\n")[:-1]]

    def table(self, data, connector_config=None, **exporter_config):
        """The bytes that connector and exporter make of a CSV file."""
        return self.one(data, "csv/table", connector_config, exporter_config)

    def types(self, data, connector_config=None):
        """The type of each column by name."""
        profile = json.loads(self.one(data, "profile/profile", connector_config))
        return {c["name"]: c["type"] for c in profile["columns"]}


def python_rows(data, strict=False, delimiter=","):
    """What Python's csv module reads, without the empty lists it gives for empty lines."""
    text = data.decode("utf-8-sig")
    return [row for row in csv.reader(io.StringIO(text, newline=""), strict=strict, delimiter=delimiter) if row]


def python_bytes(rows, terminator="\n", delimiter=","):
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=terminator, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode()


@contextlib.contextmanager
def fails(test, status, *words):
    """Expects a failure with this status and a message that holds these words."""
    with test.assertRaises(Failed) as caught:
        yield
    test.assertEqual(caught.exception.status, status, caught.exception.message)
    for word in words:
        test.assertIn(word, caught.exception.message)


csv.field_size_limit(1 << 30)
