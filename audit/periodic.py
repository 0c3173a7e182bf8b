"""What the clock asks for: when each periodic task last ran, and which of them stay away (CEL-07).

The workers note each run (defier.celery); the web looks, since a clock that stands cannot say so itself.
"""

from dataclasses import dataclass
from datetime import timedelta

from celery.schedules import crontab
from django.conf import settings
from django.db import connection

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
AT_LEAST = timedelta(minutes=2)
"""A task of every few seconds is not missed before this: a busy machine is no broken one."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A periodic task that has not run for two of its intervals; `since` is how long, None: never seen."""

    name: str
    task: str
    since: timedelta | None

    @property
    def hours(self) -> int:
        """How long it has stayed away, in whole hours, at least one."""
        return max(1, round(self.since / HOUR)) if self.since is not None else 0


def note(task: str) -> None:
    """Write down that a task has run now, where it is one of the schedule."""
    if not any(entry["task"] == task for entry in settings.CELERY_BEAT_SCHEDULE.values()):
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_periodic (task, ran_at) VALUES (%s, clock_timestamp())"
            " ON CONFLICT (task) DO UPDATE SET ran_at = clock_timestamp()",
            [task],
        )


def missing() -> list[Missing]:
    """Return the periodic tasks that stay away; those that are due once a day count from the first sweep."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT task, clock_timestamp() - ran_at FROM audit_periodic")
        ago = dict(cursor.fetchall())
    found = []
    for name, entry in settings.CELERY_BEAT_SCHEDULE.items():
        since = ago.get(entry["task"])
        interval = _interval(entry["schedule"])
        if since is None and interval <= AT_LEAST:
            found.append(Missing(name, entry["task"], None))
        elif since is not None and since > max(2 * interval, AT_LEAST):
            found.append(Missing(name, entry["task"], since))
    return found


def expect() -> None:
    """Begin to wait for every task of the schedule that has never run, so that its absence is seen."""
    tasks = [entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_periodic (task) SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING", [tasks]
        )


def _interval(schedule: float | timedelta | crontab) -> timedelta:
    if isinstance(schedule, crontab):
        return HOUR if len(schedule.hour) == 24 else DAY
    return schedule if isinstance(schedule, timedelta) else timedelta(seconds=schedule)
