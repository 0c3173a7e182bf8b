"""Dates of which the month or the day may be unknown, kept as ISO 8601 parts and never imputed.

A question about a partial date has three answers: True when it holds for every date compatible with
it, False when it holds for none, None when it depends on the unknown part (protocol §3.0).
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date

PARTS = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A year, a year and month, or a full date."""

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if self.day is not None and self.month is None:
            raise ValueError("a day needs its month")
        date(self.year, self.month or 1, self.day or 1)

    @classmethod
    def parse(cls, text: str) -> "PartialDate":
        """Read 'YYYY', 'YYYY-MM' or 'YYYY-MM-DD'; ValueError for anything else."""
        match = PARTS.fullmatch(text)
        if match is None:
            raise ValueError(f"not a date or part of one: {text!r}")
        year, month, day = match.groups()
        return cls(int(year), int(month) if month else None, int(day) if day else None)

    @classmethod
    def of(cls, value: "PartialDate | date | str") -> "PartialDate":
        """Take a partial date, a date or the stored text of either."""
        if isinstance(value, PartialDate):
            return value
        if isinstance(value, date):
            return cls(value.year, value.month, value.day)
        return cls.parse(value)

    @property
    def complete(self) -> bool:
        return self.day is not None

    @property
    def earliest(self) -> date:
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def latest(self) -> date:
        month = self.month or 12
        return date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])

    def __str__(self) -> str:
        parts = [f"{self.year:04d}"]
        if self.month is not None:
            parts.append(f"{self.month:02d}")
        if self.day is not None:
            parts.append(f"{self.day:02d}")
        return "-".join(parts)


AnyDate = PartialDate | date | str


def days_between(start: AnyDate, end: AnyDate) -> tuple[int, int]:
    """Return the fewest and the most days that `end` can lie after `start`."""
    first, last = PartialDate.of(start), PartialDate.of(end)
    return (last.earliest - first.latest).days, (last.latest - first.earliest).days


def is_before(one: AnyDate, other: AnyDate) -> bool | None:
    """Say whether `one` lies before `other`; None when the unknown parts decide it."""
    fewest, most = days_between(one, other)
    if fewest > 0:
        return True
    return None if most > 0 else False


def is_after(one: AnyDate, other: AnyDate) -> bool | None:
    """Say whether `one` lies after `other`; None when the unknown parts decide it."""
    return is_before(other, one)


def is_within(start: AnyDate, end: AnyDate, lo: int, hi: int) -> bool | None:
    """Say whether `end` lies `lo` to `hi` days after `start`, both included; None when undecided."""
    fewest, most = days_between(start, end)
    if lo <= fewest and most <= hi:
        return True
    return False if most < lo or fewest > hi else None
