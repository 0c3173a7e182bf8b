"""A small volume of its own, in the memory of the machine, that can be filled to the last byte.

It is mounted in a name space that this process enters for good: nobody else sees it, and it is gone with the
process, however that ends. Only root may do so.
"""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

NEW_MOUNTS = 0x00020000
PRIVATE, ALL_BELOW, DETACH = 1 << 18, 1 << 14, 2


@contextmanager
def small_volume(folder: Path, *, megabytes: int) -> Iterator[Path]:
    """Yield a folder on a volume of this size; the test is skipped where nothing may be mounted."""
    system = ctypes.CDLL(None, use_errno=True)
    folder.mkdir(parents=True, exist_ok=True)
    size = f"size={megabytes}m,mode=0755".encode()
    for done in (
        lambda: system.unshare(NEW_MOUNTS),
        lambda: system.mount(b"none", b"/", None, ALL_BELOW | PRIVATE, None),
        lambda: system.mount(b"tmpfs", bytes(folder), b"tmpfs", 0, size),
    ):
        if done():
            pytest.skip(f"no volume may be mounted here: {os.strerror(ctypes.get_errno())}")
    try:
        yield folder
    finally:
        system.umount2(bytes(folder), DETACH)
        with suppress(OSError):
            folder.rmdir()


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Fill the volume of a folder to the last byte, and make room again."""
    ballast = folder / "ballast"
    try:
        with ballast.open("wb", buffering=0) as out:
            for size in (1 << 20, 4096, 1):
                _write_until_full(out.fileno(), bytes(size))
        yield
    finally:
        ballast.unlink()


def _write_until_full(file: int, part: bytes) -> None:
    while True:
        try:
            os.write(file, part)
        except OSError:
            return
