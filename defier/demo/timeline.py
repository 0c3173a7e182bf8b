"""The demo's calendar and its random streams.

Every draw comes from a stream named by subject and topic, so that a subject's course is the same whatever was
simulated before it, in whichever process.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

SEED = "defier-16"
"""Chosen among a few dozen, so that these 578 lie near the parameters that they are drawn from."""
SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST_DAY = date(2026, 1, 5)
INTAKE_END = date(2028, 1, 5)
"""End of the planned 24 months of accrual; slow sites fill the rest of the 578 afterwards."""
NOW = datetime(2028, 9, 14, 9, 30, tzinfo=SHANGHAI)
TODAY = NOW.date()

SUBJECTS = 578
SCREEN_FAILURES = 58


def stream(index: int, topic: str) -> Random:
    """Return the random stream of one subject and one topic."""
    return Random(f"{SEED}/{index}/{topic}")  # noqa: S311 a simulation, not a secret


def moment(day: date, hour: float) -> datetime:
    """Return a moment of a day in Shanghai; hour 9.5 is half past nine."""
    return datetime.combine(day, time(0), SHANGHAI) + timedelta(minutes=round(hour * 60))


def months_before(day: date, months: int) -> date:
    """Return the first day of the month that lies `months` before `day`."""
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)
