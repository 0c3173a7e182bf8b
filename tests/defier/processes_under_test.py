"""Looking at real processes: the tree below one, and waiting until none of it is left."""

import os
import time
from pathlib import Path


def parents() -> dict[int, int]:
    """Return pid -> parent of every process that is not a zombie."""
    tree = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (folder / "stat").read_text().rsplit(")", 1)[1].split()[:2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state != "Z":
            tree[int(folder.name)] = int(parent)
    return tree


def below(pid: int) -> set[int]:
    """Return every living descendant of a process."""
    tree = parents()
    found: set[int] = set()
    grown = {pid}
    while grown:
        grown = {child for child, parent in tree.items() if parent in grown} - found
        found |= grown
    return found


def command_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def owner_of(pid: int) -> int:
    return os.stat(f"/proc/{pid}").st_uid


def left_after(pids: set[int], *, seconds: float) -> dict[int, str]:
    """Return what still lives of these processes when the time is up (at once when nothing does)."""
    deadline = time.monotonic() + seconds
    while (alive := pids & parents().keys()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return {pid: command_of(pid) for pid in alive}
