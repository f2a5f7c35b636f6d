#!/usr/bin/env python3
"""Compares a run that uses many plugins with a C program that loads the same files on one thread and decides nothing.

usage: many.py PATH_OF_OMPHALOS PATH_OF_DLOPEN_RIVAL

What plugins cost is found by subtraction: a run with a step for each of 200 plugins, less a run with 200 steps of one
plugin. Both have the same calls, artifacts and two processes; the difference is to discover, inspect, decide, seal,
hash, hand over, inspect again, load and confirm the other 199, and to record them. The rival's figure is its own run
with 200 files less its run with one. Processor time is of all processes of a command, and says more than the clock
where other programs use the machine.
"""
import os
import pathlib
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROUNDS = 11
FEW, MANY = 200, 1000
HERE = pathlib.Path(__file__).resolve().parent


def measure(command, folder):
    """Seconds by the clock, and of processor time of the command and all its processes."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)
    took, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


class Times:
    """Of commands that were run in turn, each warmed up once. In milliseconds."""

    def __init__(self, commands, folder, rounds=ROUNDS):
        self.clock = {name: [] for name in commands}
        self.processor = {name: [] for name in commands}
        for number in range(-1, rounds):
            for name, command in commands.items():
                took, worked = measure(command(number), folder)
                if number >= 0:
                    self.clock[name].append(took * 1000)
                    self.processor[name].append(worked * 1000)

    def print_raw(self):
        for name in self.clock:
            print(f"  raw, {name}: " + " ".join(f"{ms:.0f}" for ms in self.clock[name]) + " ms; processor: "
                  + " ".join(f"{ms:.0f}" for ms in self.processor[name]) + " ms")


def both(times, pick):
    return pick(times.clock), pick(times.processor)


def whole(name):
    return lambda values: statistics.median(values[name])


def difference(more, less):
    """The median of the differences within each round."""
    return lambda values: statistics.median(a - b for a, b in zip(values[more], values[less]))


def line(times, title, ours, rivals, goal=""):
    clock, processor = both(times, ours)
    text = f"{title}: {clock:.1f} ms, processor {processor:.1f} ms"
    for name, rival in rivals:
        rival_clock, rival_processor = both(times, rival)
        text += (f"; {name}: {rival_clock:.1f} ms, processor {rival_processor:.1f} ms; "
                 f"ratio {clock / rival_clock:.2f}, of processor time {processor / rival_processor:.2f}")
    print(text + goal, flush=True)


def generate(folder, count):
    made = subprocess.run([sys.executable, HERE / "many_plugins.py", folder, str(count)],
                          check=True, capture_output=True, text=True)
    return int(made.stdout)


def compare(omphalos, rival, folder):
    size = generate(folder, FEW)
    run = lambda what, plugins: lambda n: [omphalos, "run", f"{what}.yaml", "--plugins", plugins, "--output-root", f"runs-{what}-{n}"]
    times = Times({
        "run of all": run("all", "plugins"), "run of one": run("one", "one"),
        "plan of all": lambda n: [omphalos, "plan", "all.yaml", "--plugins", "plugins"],
        "plan of one": lambda n: [omphalos, "plan", "one.yaml", "--plugins", "one"],
        "C seals all": lambda n: [rival, "seal", "plugins"], "C seals one": lambda n: [rival, "seal", "one"],
        "C opens all": lambda n: [rival, "open", "plugins"], "C opens one": lambda n: [rival, "open", "one"],
    }, folder)
    rate = float(subprocess.run([rival, "rate"], check=True, capture_output=True, text=True).stdout)
    print(f"{FEW} plugins of {size} bytes, {ROUNDS} rounds; the rival's SHA-256: {rate / 1e9:.2f} GB/s of processor time")
    times.print_raw()
    line(times, f"a run that uses {FEW} plugins, two processes, finalized on disk", whole("run of all"),
         [("hash, seal, dlopen in C", whole("C seals all")), ("dlopen alone", whole("C opens all"))])
    line(times, f"what {FEW - 1} more plugins cost, from discovery to the record", difference("run of all", "run of one"),
         [("hash, seal, dlopen in C", difference("C seals all", "C seals one")),
          ("dlopen alone", difference("C opens all", "C opens one"))], "; to reach: at most 1.0 of the first by the clock")
    line(times, "of it before the worker starts: discover, inspect, decide, seal, hash (omphalos plan)",
         difference("plan of all", "plan of one"), [])
    cost = both(times, difference("run of all", "run of one"))[1]
    hashing = (FEW - 1) * size / rate * 1000
    print(f"of it hashing, each plugin once at the rival's rate: {hashing:.1f} ms of processor time, a share of {hashing / cost:.2f}")


def status(pid, key):
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(key + ":"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


def shared_memory():
    for line in pathlib.Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("Shmem:"):
            return int(line.split()[1])
    return 0


def children(pid):
    try:
        return [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def memory(omphalos, folder):
    """A run with the descriptors that a login shell gives; peaks are looked for every few milliseconds."""
    size = generate(folder, MANY)
    lower = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (1024, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    before, most = shared_memory(), {"supervisor": 0, "worker": 0, "shared": 0}
    start = time.perf_counter()
    with subprocess.Popen([omphalos, "run", "all.yaml", "--plugins", "plugins", "--output-root", "runs-many"],
                          cwd=folder, stdout=subprocess.DEVNULL, preexec_fn=lower) as process:
        ended = threading.Event()

        def watch():
            while not ended.wait(0.003):
                most["supervisor"] = max(most["supervisor"], status(process.pid, "VmHWM"))
                for child in children(process.pid):
                    most["worker"] = max(most["worker"], status(child, "VmHWM"))
                most["shared"] = max(most["shared"], shared_memory() - before)

        watcher = threading.Thread(target=watch)
        watcher.start()
        code = process.wait()
        took = time.perf_counter() - start
        ended.set()
        watcher.join()
    mib = {name: kib / 1024 for name, kib in most.items()}
    print(f"a run that uses {MANY} plugins of {size} bytes, {MANY * size / 2**20:.0f} MiB, with a soft limit of 1,024 descriptors: exit {code}, "
          f"{took:.2f} s; peak of the supervisor {mib['supervisor']:.0f} MiB, of the worker {mib['worker']:.0f} MiB "
          f"(VmHWM, sealed plugins that are mapped included); shared memory of the system grew by {mib['shared']:.0f} MiB")
    if code != 0:
        sys.exit(1)


def main():
    omphalos, rival = (os.path.abspath(path) for path in sys.argv[1:3])
    folder = pathlib.Path(tempfile.mkdtemp(prefix="omphalos-bench-"))
    print(f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start")
    try:
        compare(omphalos, rival, folder / "few")
        memory(omphalos, folder / "many")
    finally:
        subprocess.run(["chmod", "-R", "u+w", str(folder)], check=False)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
