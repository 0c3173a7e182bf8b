"""How long the web process needs to be ready, and how much memory it takes."""

import os
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.measurement import Measurement, percentile, seconds

BOOT = "import defier.wsgi; from django.urls import get_resolver; get_resolver().url_patterns"
# Not ru_maxrss: that counts what the process that started this one had.
MEMORY = (
    f"{BOOT}; print(*[line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')])"
)


def measure() -> Iterator[Measurement]:
    """A fresh Python imports the application and all its addresses (median of 5)."""
    environment = {**os.environ, "SECRET_KEY": "benchmark"}
    taken = seconds(
        lambda: subprocess.run([sys.executable, "-c", BOOT], check=True, env=environment), times=5
    )
    yield Measurement("boot of the web process", percentile(taken, 0.5), "s", budget=2)
    done = subprocess.run(
        [sys.executable, "-c", MEMORY], check=True, env=environment, capture_output=True, text=True
    )
    yield Measurement("memory of the web process after boot", int(done.stdout) / 1024, "MiB", budget=120)
