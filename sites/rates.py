"""How often something may be asked for: counted in PostgreSQL, for all web processes together (SEC-12).

A count of a minute is one row that is raised by one statement; when the database is away the request fails
anyway, so that nothing is ever unlimited.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import connection, models


class RateCount(models.Model):
    """How often one asker asked for one kind of thing in one window of time."""

    pk = models.CompositePrimaryKey("kind", "asker", "window")
    kind = models.CharField(max_length=20)
    asker = models.CharField(max_length=64)
    window = models.DateTimeField()
    asked = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.kind} {self.asked}"


RAISE = """
INSERT INTO sites_ratecount AS known (kind, asker, "window", asked) VALUES (%s, %s, %s, 1)
ON CONFLICT (kind, asker, "window") DO UPDATE SET asked = known.asked + 1
RETURNING asked
"""


def asked_too_often(kind: str, asker: str, *, most: int, within: timedelta) -> bool:
    """Count one more request and say whether it is one too many; one statement."""
    length = within.total_seconds()
    now = datetime.now(UTC).timestamp()
    window = datetime.fromtimestamp(now - now % length, UTC)
    with connection.cursor() as cursor:
        cursor.execute(RAISE, [kind, asker[:64], window])
        return bool(cursor.fetchone()[0] > most)


def forget_old(*, before: datetime) -> int:
    """Delete the counts of windows that have passed, and say how many."""
    return RateCount.objects.filter(window__lt=before).delete()[0]
