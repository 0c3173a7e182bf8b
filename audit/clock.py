"""What time it is for the study: the real clock, or the simulated one of a demonstration database.

The table audit_clock, owned by edc_owner, decides; SQL edc_now() follows it too. On a simulated database a
session may state the time of what it records (acting(at=...)); on a real one that is ignored.
"""

from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connections

ZONE = ZoneInfo("Asia/Shanghai")

stated: ContextVar[datetime | None] = ContextVar("stated", default=None)

_ahead: dict[tuple[str, ...], timedelta | None] = {}


def now() -> datetime:
    """Return the time of the study, aware, in UTC."""
    ahead = _ahead_of_real()
    if ahead is None:
        return datetime.now(UTC)
    return stated.get() or datetime.now(UTC) + ahead


def today() -> date:
    """Return the date of the study at the sites (Asia/Shanghai)."""
    return now().astimezone(ZONE).date()


def simulated() -> datetime | None:
    """Return what the simulated clock shows, or None on a real database."""
    return now() if _ahead_of_real() is not None else None


def simulate(shown: datetime, *, using: str = "owner") -> None:
    """Make the database a demonstration whose clock shows `shown` now; never where real subjects are."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT audit_simulate(%s)", [shown])
    forget()


def forget() -> None:
    """Read the clock's table again at the next question."""
    _ahead.clear()


def _ahead_of_real() -> timedelta | None:
    """Return how far the simulated clock is ahead; asked once per process, since it is set before start."""
    connection = connections["default"]
    settings = connection.settings_dict
    address = (str(settings["HOST"]), str(settings["PORT"]), str(settings["NAME"]))
    if address not in _ahead:
        with connection.cursor() as cursor:
            cursor.execute("SELECT ahead FROM audit_clock")
            row = cursor.fetchone()
        _ahead[address] = row[0] if row else None
    return _ahead[address]
