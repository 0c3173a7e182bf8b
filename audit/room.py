"""Whether the database has room to write: known from what it refused, never from looking at its disk.

While it has none the study can be read: every write is refused whole, and pages say so. Nobody has to end
that. A save that succeeds ends it at once, else it is over when nothing was refused for a while: each person
who is there writes at least once a minute (sites.timeouts), so that a database that stays full is met again.
"""

import mmap
import struct
import time

import structlog

log = structlog.get_logger(__name__)

DISK_FULL = "53100"
KEPT_SECONDS = 90.0
"""So long a refusal counts: longer than a person who is there goes without writing."""

# Shared with the processes that are forked later: what one process of the web has met is known to all.
_last = mmap.mmap(-1, 8)


def is_full(error: BaseException) -> bool:
    """Say whether the database refused a write for want of room."""
    return getattr(error.__cause__ or error, "sqlstate", None) == DISK_FULL


def note(error: BaseException) -> bool:
    """Remember a refusal for want of room; False where the error is another one. The first is an alarm."""
    if not is_full(error):
        return False
    if not is_out():
        log.error("database_full", error=type(error.__cause__ or error).__name__)
    _keep(time.time())
    return True


def is_out() -> bool:
    """Say whether the database had no room lately."""
    (at,) = struct.unpack("d", _last[:8])
    return 0 <= time.time() - at < KEPT_SECONDS


def forget() -> None:
    """Take it that there is room again: something was saved."""
    if is_out():
        log.info("database_has_room")
        _keep(0.0)


def _keep(at: float) -> None:
    _last[:8] = struct.pack("d", at)
