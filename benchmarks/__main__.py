"""`make bench`: every budget measured in one run, side by side: `python -m benchmarks [NAME ...]`.

A module of this folder joins in by having a function measure() that yields Measurement; what it needs
(servers, subjects) it makes itself. Numbers of other systems are quoted in the README, never compared with
ours across machines.
"""

import importlib
import os
import pkgutil
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator

import benchmarks
from audit.sight import seeing
from benchmarks.measurement import Measurement


def machine() -> str:
    """Say what the numbers were measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}, {platform.machine()}"
    )


def modules() -> dict[str, Callable[[], Iterator[Measurement]]]:
    """Return measure() of every module that has one."""
    found = {}
    for module in pkgutil.iter_modules(benchmarks.__path__):
        if not module.name.startswith("_"):
            function = getattr(importlib.import_module(f"benchmarks.{module.name}"), "measure", None)
            if function is not None:
                found[module.name] = function
    return found


def main(names: list[str]) -> int:
    """Print a line for each measurement, over the budget or within it; 1 when any is over."""
    chosen = {name: function for name, function in modules().items() if not names or name in names}
    if unknown := set(names) - set(chosen):
        print("There is no benchmark named", *sorted(unknown), "- there are", *sorted(modules()))
        return 2
    if len(chosen) > 1:  # each in a process of its own: several start a database, and Django knows one
        return max(subprocess.run([sys.executable, "-m", "benchmarks", name]).returncode for name in chosen)
    print(machine(), flush=True)
    over = 0
    for name, measure in chosen.items():
        print(f"\n{name}: {(measure.__doc__ or '').strip()}", flush=True)
        with seeing(None):  # what a benchmark reads itself is of the whole study
            for measurement in measure():
                print(f"  {measurement}", flush=True)
                over += measurement.over
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
