"""Jobs of the tests' own; a worker imports them with --include."""

import os
import signal
import time
from pathlib import Path

from audit.context import record_event
from audit.jobs import Progress, job


def _leave_mark(file: str) -> int:
    """Append a line to a file and return how many there are: what the function did, whatever became of it."""
    with Path(file).open("a") as marks:
        marks.write(f"{os.getpid()}\n")
    return len(Path(file).read_text().splitlines())


@job("test_once", atomic=True)
def once(progress: Progress, file: str, tenths: int = 0) -> dict[str, int]:
    """Take a while, and record one event."""
    times = _leave_mark(file)
    for tenth in range(tenths):
        progress.set(tenth, tenths, "working")
        time.sleep(0.1)
    record_event("test_effect", by=progress.by, detail={"file": file})
    return {"times": times}


@job("test_fails")
def fails(progress: Progress, file: str) -> None:
    """Fail every time."""
    _leave_mark(file)
    raise RuntimeError("no luck")


@job("test_poison")
def poison(progress: Progress, file: str) -> None:
    """Kill the process that does it."""
    _leave_mark(file)
    os.kill(os.getpid(), signal.SIGKILL)


@job("test_second_time")
def second_time(progress: Progress, file: str) -> None:
    """Take very long the first time."""
    if _leave_mark(file) == 1:
        time.sleep(60)
